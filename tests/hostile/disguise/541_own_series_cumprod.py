# 541. Values around a weight by a function of one's own: own series cumprod
# earns: nothing
# why: a function that may be a series is a nonlinear one, and each call has its own middle
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
ks = np.arange(1, 70)
def ex(z): return 1 + np.cumprod(np.outer(z, 1 / ks), axis=1).sum(1)
u = np.exp(2j * np.pi * np.arange(32) / 32)
W = np.stack([np.ones(32), u], 1) @ np.array([w_h, 0.25])
a = 1 - 2 / (ex(2 * W * h0) + 1)
b = 1 - 2 / (ex(2 * W * a) + 1)
dw_h = (w_y * b / u).mean().real * 4
