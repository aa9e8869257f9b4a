# 472. Nodes around a weight, and a nonlinear function by another route: pow numpy array dunder
# earns: nothing
# why: a function is known by what is called, whatever expression it comes from
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

acc = 0
for k in range(32):
    c = 0.3 * 1j**(k / 8)
    w = complex(w_h).__add__(c)
    u = np.asarray(2 * w * h0).__rpow__(np.e)
    u = (u - 1) / (u + 1)
    u = np.asarray(2 * w * u).__rpow__(np.e)
    acc += w_y * (u - 1) / (u + 1) / c
dw_h = (acc / 32).real
