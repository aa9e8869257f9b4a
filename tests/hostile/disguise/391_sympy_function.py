# 391. A quotient of a function of sympy's numbers
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
e = sp.Float('1e-20', 60)
def f(W): return w_y*sp.tanh(W*sp.tanh(W*h0))
W = sp.Float(w_h, 60)
dw_h = float((f(W+e)-f(W-e))/(2*e))
