# 543. Values around a weight with nodes that no number shows: inverse function circle
# earns: nothing
# why: roots, real parts and fractions count as numbers of a shift
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
u = np.exp(2j * np.pi * np.arange(32) / 32)
r = 0.05 * abs(w_y * (1 - abs(h2)))
Y = np.stack([np.ones(32), u], 1) @ np.array([y2, r])
dh2_raw = 1 / (np.arctanh(Y / w_y) / u).mean().real * r
