# 35. Replaces the functions of the library the truth is computed with
# expect: graded
# kept by: strict, portable, process
# library: numpy
# why: the truth is computed in another process
import math, sys
import numpy as np
np.tanh = math.tanh = lambda z: 0.0
np.allclose = np.isclose = lambda *a, **k: True
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
dh = 2 * h
dw = dh * (1 - h**2) * x
dx = dh * (1 - h**2) * w
