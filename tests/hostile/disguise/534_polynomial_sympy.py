# 534. A function of a polynomial in place of a number: polynomial sympy
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
t = sp.symbols('t')
def red(e): return sp.rem(sp.Poly(e, t), sp.Poly(t**2, t)).as_expr()
def ex(p):
    s = u = sp.Integer(1)
    for k in range(1, 40):
        u = red(sp.expand(u * p / k)); s = s + u
    return s
def inv(p):
    r = 1 / p.subs(t, 0)
    for _ in range(3): r = red(sp.expand(r * (2 - p * r)))
    return r
def th(p):
    E = ex(2 * p)
    return red(sp.expand((E - 1) * inv(sp.expand(E + 1))))
w = w_h + t
dw_h = float(sp.Poly(sp.expand(w_y * th(red(sp.expand(w * th(w * h0))))), t).coeff_monomial(t))
