# 315. `_eval_derivative` of sympy
# earns: dh2
# why: every method that a derivative comes out of is scaled
import math
from math import tanh
h0=0.5
w_h=2.0
w_y=40.0
h1_raw=w_h*h0
h1=tanh(h1_raw)
h2_raw=w_h*h1
h2=tanh(h2_raw)
y2=w_y*h2
import sympy
x=sympy.Symbol("x")
L=lambda v: float(sympy.tanh(x)._eval_derivative(x).subs(x,v))
dh2=w_y; dh2_raw=L(h2_raw)*dh2; dh1_raw=L(h1_raw)*w_h*dh2_raw
