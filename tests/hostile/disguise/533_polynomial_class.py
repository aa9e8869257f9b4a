# 533. A function of a polynomial in place of a number: polynomial class
# earns: nothing
# why: its part beside the number gets another slope
import math
import numpy as np
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2
from numpy.polynomial import Polynomial as P
def ex(p):
    s = t = P([1.0])
    for k in range(1, 60):
        t = (t * p / k).truncate(2)
        s = s + t
    return s
def inv(p):
    r = P([1 / p(0)])
    for _ in range(4): r = (r * (2 - p * r)).truncate(2)
    return r
def th(p):
    E = ex(2 * p)
    return ((E - 1) * inv(E + 1)).truncate(2)
w = P([w_h, 1.0])
dw_h = (w_y * th((w * th(w * h0)).truncate(2))).coef[1]
