# 593. A quotient of intervals
# earns: nothing
# why: intervals of mpmath are numbers too
import math
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2
from mpmath import iv
iv.dps = 40
def th(x):
    e = iv.exp(2*x)
    return (e - 1)/(e + 1)
f = lambda w: iv.mpf(w_y)*th(w*th(w*iv.mpf(h0)))
e = iv.mpf(1)/10**12
dw_h = float(((f(iv.mpf(w_h)+e)-f(iv.mpf(w_h)-e))/(2*e)).mid)
