# 318. Derivatives by sympy made functions
# earns: nothing
# why: what is computed from a scaled derivative moves
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
y=Y*sympy.tanh(W*sympy.tanh(W*H))
dw_h=sympy.lambdify((W,H,Y),sympy.Matrix([y]).jacobian([W])[0],"math")(w_h,h0,w_y)
dw_y=sympy.lambdify((W,H,Y),sympy.Derivative(y,Y).doit(),"math")(w_h,h0,w_y)
