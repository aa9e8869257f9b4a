# 529. A function of a matrix in place of a number: matrix sympy
# earns: nothing
# why: its part beside the number gets another slope
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import sympy as sp
W = sp.Matrix([[w_h, 1], [0, w_h]])
I = sp.eye(2)
def th(A):
    E = (2 * A).exp()
    return (E - I) * (E + I).inv()
dw_h = float((w_y * th(W * th(W * h0)))[0, 1])
