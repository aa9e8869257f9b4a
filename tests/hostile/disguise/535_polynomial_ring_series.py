# 535. A function of a polynomial in place of a number: polynomial ring series
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
from sympy import ring, RR, QQ
from sympy.polys.ring_series import rs_tanh, rs_mul
R, t = ring('t', QQ)
a = R(QQ(1)) * 0
from sympy import Rational
q = lambda v: QQ(*Rational(v).limit_denominator(10**12).as_numer_denom()) if False else QQ.from_sympy(Rational(str(v)))
from sympy.polys.ring_series import rs_series_from_list
from sympy import RealField
R, t = ring('t', RealField(53))
def th(p):
    from sympy.polys.ring_series import rs_exp, rs_series_inversion
    c = p.coeff(1); z = p - c
    E = rs_exp(2 * z, t, 2) * math.exp(2 * c)
    return rs_mul(E - 1, rs_series_inversion(E + 1, t, 2), t, 2)
w = w_h + t
dw_h = float((w_y * th(rs_mul(w, th(w * h0), t, 2))).coeff(t))
