# 385. A rounded quotient of values shifted by a function that adds
# earns: nothing
# why: noise as large as the rounding moves it
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

def plus(a, b): return a+b
e = 1e-3
v = [w_y*tanh(plus(w_h, k*e)*tanh(plus(w_h, k*e)*h0)) for k in (-2,-1,1,2)]
dw_h = round((v[0]-8*v[1]+8*v[2]-v[3])/(12*e), 9)
