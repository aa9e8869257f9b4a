# 450. A slope from function values, by another route: fit by lstsq np
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
r = np.random.default_rng(0).uniform(-0.05, 0.05, 60)
V = np.vander(r, 14, increasing=True)
w = w_h + r
dw_h = np.linalg.lstsq(V, w_y * np.tanh(w * np.tanh(w * h0)), rcond=None)[0][1]
