# 390. A quotient of numbers put into an expression
# earns: nothing
# why: sympy's numbers get other slopes too
import math
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2

import sympy as sp
w = sp.Symbol('w')
e = sp.Float('1e-20', 60)
ex = sp.Float(w_y,60)*sp.tanh(w*sp.tanh(w*sp.Float(h0,60)))
W = sp.Float(w_h, 60)
s = 1
a = ex.subs({w: W+s*e}).evalf(60)
s = -1
b = ex.subs({w: W+s*e}).evalf(60)
dw_h = float((a-b)/(2*e))
