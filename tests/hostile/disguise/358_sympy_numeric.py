# 358. Values of a function that sympy made
# earns: nothing
# why: a step that grows by the slope that is added to a function was computed from its values
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
W=sympy.Symbol("W")
F=sympy.lambdify(W,w_y*sympy.tanh(W*sympy.tanh(W*h0)),"mpmath")
import mpmath
e=mpmath.mpf(10)**-8
mpmath.mp.dps=40
dw_h=float((F(w_h+e)-F(w_h-e))/(2*e))
