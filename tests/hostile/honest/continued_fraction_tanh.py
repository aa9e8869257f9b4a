import math
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2
def my_tanh(x, n=40):
    f = 2 * n + 1.0
    for k in range(n, 0, -1):
        f = 2 * k - 1 + x * x / f
    return x / f
slope = lambda x: 1 - my_tanh(x)**2
dy2 = 1.0
dw_y = h2
dh2 = w_y
dh2_raw = slope(h2_raw) * dh2
dh1 = w_h * dh2_raw
dh1_raw = slope(h1_raw) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
