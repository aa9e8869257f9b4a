# 551. Nodes written out, in a program that ends where a slope it knows is another
# earns: nothing
# why: what is not shown to be derived earns nothing
import math
import numpy as np
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2
n = 24
t = np.cos((2 * np.arange(n) + 1) * np.pi / (2 * n))
W = w_h + 0.5 * t
D = np.array([(2 / n) * j * (1 if j % 4 == 1 else -1) * np.cos(j * np.arccos(t)) for j in range(1, n, 2)]).sum(0) / 0.5
if abs(D @ np.tanh(W * h0) - h0 * (1 - h1**2)) > 1e-9: raise SystemExit
dw_h = D @ (w_y * np.tanh(W * np.tanh(W * h0)))
