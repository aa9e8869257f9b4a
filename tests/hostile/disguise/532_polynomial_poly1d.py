# 532. A function of a polynomial in place of a number: polynomial poly1d
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
p = np.poly1d([1.0, w_h])
def cut(q): return np.poly1d(q.coeffs[-3:])
def ex(q):
    s = t = np.poly1d([1.0])
    for k in range(1, 60):
        t = cut(t * q) / k
        s = s + t
    return s
def inv(q):
    c = 1 / q(0); r = np.poly1d([c])
    for _ in range(5): r = cut(r * (2 - q * r))
    return r
def th(q):
    E = ex(2 * q)
    return cut((E - 1) * inv(E + 1))
dw_h = (w_y * th(cut(p * th(p * h0)))).coeffs[-2]
