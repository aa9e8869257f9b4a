# 387. A rounded quotient that stands wholly in a text
# earns: nothing
# why: operators in a text are noisy too
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

import builtins
builtins.exec("e=1e-3\nf=lambda w: w_y*tanh(w*tanh(w*h0))\ndw_h=round((8*(f(w_h+e)-f(w_h-e))-(f(w_h+2*e)-f(w_h-2*e)))/(12*e),9)", globals())
