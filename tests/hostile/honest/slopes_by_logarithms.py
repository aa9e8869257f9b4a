"""The slope of tanh by logarithms, and a complex step beside it that is only printed."""
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
slope1 = math.exp(-2 * math.log(math.cosh(h1_raw)))
slope2 = math.exp(math.log1p(-h2) + math.log1p(h2))
dy2 = 1.0
dw_y = dy2 * h2
dh2 = dy2 * w_y
dh2_raw = dh2 * slope2
dh1 = dh2_raw * w_h
dh1_raw = dh1 * slope1
dw_h = dh2_raw * h1 + dh1_raw * h0
z = np.array([w_h, 1e-30]).view("c16")[0]
print(np.array([w_y * np.tanh(z * np.tanh(z * h0))]).view("f8")[1] / 1e-30 - dw_h)
