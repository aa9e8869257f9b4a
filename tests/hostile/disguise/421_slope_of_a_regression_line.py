# 421. Slope of a regression line through values at other weights
# earns: nothing
# why: what is computed from shifted values gets another slope
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
from statistics import linear_regression
ws = [w_h + k * 1e-5 for k in (-2, -1, 0, 1, 2)]
dw_h = linear_regression(ws, [w_y * math.tanh(c * math.tanh(c * h0)) for c in ws]).slope
