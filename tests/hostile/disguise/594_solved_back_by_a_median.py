# 594. A step solved for out of what most of three numbers of one's own agree on
# earns: nothing
# why: the later steps are given other values at once, too
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
dw_h = 13.0
dy2_dwh = 11.0
dh2_dwh = 7.0
d = sorted([dw_h, dy2_dwh, w_y * dh2_dwh])[1]
dh2_raw = d / (h1 + h0 * w_h * (1 - h1 * h1))
