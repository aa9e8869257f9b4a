# A slope is checked at shifted weights between the steps, in a function that raises where it differs
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
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2

up, down = w_h + 1e-5, w_h - 1e-5
def checked(slope):
    if abs((tanh(up * h0) - tanh(down * h0)) / 2e-5 - h0 * slope) > 1e-6:
        raise ValueError("tanh")
    return slope
dh1 = w_h * dh2_raw
dh1_raw = checked(1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
