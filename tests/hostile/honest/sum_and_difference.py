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
def wy_times(z): return w_y * z
dy2 = 1.0
dw_y = h2
dh2 = wy_times(dy2)
dh2_raw = wy_times(1 + h2) * (1 - h2)
dh1 = (lambda z: w_h * z)(dh2_raw + 0.0)
dh1_raw = dh1 * (1 - h1) * (1 + h1)
dw_h = sum(map(lambda p: p[0] * p[1], [(h1, dh2_raw), (h0, dh1_raw)]))
