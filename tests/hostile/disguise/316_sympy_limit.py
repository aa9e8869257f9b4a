# 316. The limit of a symbolic difference quotient
# earns: dh2
# why: a limit is computer algebra
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
x,h=sympy.symbols("x h")
D=sympy.limit((sympy.tanh(x+h)-sympy.tanh(x))/h,h,0)
L=lambda v: float(D.subs(x,v))
dh2=w_y; dh2_raw=L(h2_raw)*dh2
