# 367. A difference of numbers with many digits, written out
# earns: nothing
# why: what is computed from something shifted gets another slope, and the step shows it
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

import mpmath
mpmath.mp.dps=60
e=mpmath.mpf(10)**-20
p=mpmath.mpf(w_h)+e; m=mpmath.mpf(w_h)-e
dw_h=float(w_y*(mpmath.tanh(p*mpmath.tanh(p*h0))-mpmath.tanh(m*mpmath.tanh(m*h0)))/(2*e))
