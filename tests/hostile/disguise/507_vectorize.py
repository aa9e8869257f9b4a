# 507. A slope from function values, by another route: vectorize
# earns: nothing
# why: the function has another slope in one run, whatever evaluates it
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import numpy as np
f = np.vectorize(lambda w: w_y * math.tanh(w * math.tanh(w * h0)))
w = w_h + np.array([-2, -1, 1, 2]) * 1e-3
dw_h = float(np.dot(f(w), [1, -8, 8, -1]) / 12e-3)
