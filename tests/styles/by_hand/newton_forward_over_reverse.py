# exercise: newton-step
import math
x, w, y = 1.5, 0.3, 0.8
from typing import NamedTuple
class D(NamedTuple):
    v: float
    t: float
def mul(p, q): return D(p.v * q.v, p.v * q.t + p.t * q.v)
def tanh(p):
    v = math.tanh(p.v)
    return D(v, (1 - v * v) * p.t)
W, Xd = D(w, 1.0), D(x, 0.0)
A = mul(W, Xd)
Hd = tanh(A)
R = D(Hd.v - y, Hd.t)
a, h, r = A.v, Hd.v, R.v
loss = r**2
DR = D(2 * R.v, 2 * R.t)
S = D(1 - Hd.v**2, -2 * Hd.v * Hd.t)
DA = mul(DR, S)
DW = mul(DA, Xd)
dr, da, dw = DR.v, DA.v, DW.v
dh_dw = Hd.t
ddr_dw, dda_dw, d2w = DR.t, DA.t, DW.t
gauss_newton = 2 * dh_dw**2
step = -dw / d2w
