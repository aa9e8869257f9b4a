# A program that ends where the slopes at nodes around the weight are not those derived by hand
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
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2
n = 24
t = np.cos((2 * np.arange(n) + 1) * np.pi / (2 * n))
W = np.stack([np.ones(n), t], 1) @ [w_h, 0.5]
D = np.array([(2 / n) * j * (1 if j % 4 == 1 else -1) * np.cos(j * np.arccos(t)) for j in range(1, n, 2)]).sum(0) / 0.5
if abs(D @ np.tanh(W * h0) - h0 * (1 - h1**2)) > 1e-8:
    raise SystemExit("tanh is derived wrong")
dh1 = w_h * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
