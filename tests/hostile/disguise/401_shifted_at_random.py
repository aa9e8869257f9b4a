# 401. A polynomial through random numbers around a weight
# earns: nothing
# why: a nonlinear function gets another slope wherever its argument is no known value, whatever made the argument
import math
from math import tanh
import numpy as np
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2
rng = np.random.default_rng(0)
e = rng.normal(0, 1e-3, 2000)
z = rng.normal(w_h, 0.05, 64)
z[0] = w_h
f = w_y*np.tanh(z*np.tanh(z*h0))
t = (z - w_h)
V = np.vander(t/0.1, 14)
c = np.linalg.lstsq(V, f, rcond=None)[0]
dw_h = c[-2]/0.1
