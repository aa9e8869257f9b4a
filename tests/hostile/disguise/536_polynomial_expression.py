# 536. A function of a polynomial in place of a number: polynomial expression
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
t = sp.Symbol('t')
def cut(e): return sum(sp.expand(e).coeff(t, k) * t**k for k in (0, 1))
def ex(p):
    s = u = sp.Integer(1)
    for k in range(1, 40):
        u = cut(u * p / k); s = s + u
    return s
def inv(p):
    r = 1 / sp.expand(p).coeff(t, 0)
    for _ in range(3): r = cut(r * (2 - p * r))
    return r
def th(p):
    E = ex(2 * p)
    return cut((E - 1) * inv(E + 1))
w = w_h + t
dw_h = float(cut(w_y * th(cut(w * th(w * h0)))).coeff(t, 1))
