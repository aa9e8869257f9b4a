# 436. A slope from function values, by another route: barycentric
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
x = w_h + 0.2 * np.cos(np.pi * np.arange(25) / 24)
D = np.subtract.outer(x, x) + np.eye(25)
a_ = D.prod(1)
M = (a_[:, None] / a_[None] / D); M -= np.diag(M.sum(1))
dw_h = (M @ (w_y * np.tanh(x * np.tanh(x * h0))))[12]
