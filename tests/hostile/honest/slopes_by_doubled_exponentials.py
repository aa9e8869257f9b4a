"""The slope of tanh from exponentials of twice its argument, kept from overflow by a typed-in limit."""
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


def slope(x):
    e = math.exp(-2 * min(abs(x), 300.25))
    return 4 * e / (1 + e) ** 2


dy2 = 1.0
dw_y = dy2 * h2
dh2 = dy2 * w_y
dh2_raw = dh2 * slope(h2_raw)
dh1 = dh2_raw * w_h
dh1_raw = dh1 * slope(h1_raw)
dw_h = dh2_raw * h1 + dh1_raw * h0
