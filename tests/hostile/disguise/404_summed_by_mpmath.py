# 404. A tiny step in sixty digits, added by a function
# earns: nothing
# why: a nonlinear function gets another slope wherever its argument is no known value, whatever made the argument
import math
from math import tanh
import numpy as np
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2
import mpmath as mp
mp.mp.dps = 60
a = mp.mpf(w_h)
b = mp.fsum([a, mp.mpf('1e-30')])
F = w_y*mp.tanh(b*mp.tanh(b*h0))
G = w_y*mp.tanh(a*mp.tanh(a*h0))
dw_h = float((F-G)/mp.fsum([b,-a]))
