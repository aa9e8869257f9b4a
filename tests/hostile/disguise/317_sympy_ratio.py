# 317. Quotient of two derivatives by sympy
# earns: nothing
# why: each derivative has a factor of its own
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
W,H,Y=sympy.symbols("W H Y")
y=Y*sympy.tanh(W*sympy.tanh(W*H)); s={W:w_h,H:h0,Y:w_y}
dw_h=float((sympy.diff(y,W)/sympy.diff(W,W)).subs(s)); dw_y=float((sympy.diff(y,Y)).subs(s))
