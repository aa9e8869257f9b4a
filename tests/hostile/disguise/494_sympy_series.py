# 494. Another derivative of sympy: sympy series
# earns: nothing
# why: all derivatives of sympy come from a few methods, which are scaled
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import sympy
from sympy import *
W, e_ = symbols('W e_')
F_ = w_y * tanh(W * tanh(W * h0))
dw_h = float(series(F_.subs(W, w_h + e_), e_, 0, 2).removeO().coeff(e_, 1))
