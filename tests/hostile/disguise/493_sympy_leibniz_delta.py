# 493. Another derivative of sympy: sympy leibniz delta
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
dh2_raw = -w_y * float(integrate(DiracDelta(W - h2_raw, 1) * tanh(W), (W, -oo, oo)))
