# 437. A slope from function values, by another route: by solve
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
e = 1e-3
A = np.array([[w_h + k * e, 1.0] for k in (-1, 1)])
dw_h = np.linalg.solve(A, [w_y * math.tanh(w * math.tanh(w * h0)) for w in A[:, 0]])[0]
