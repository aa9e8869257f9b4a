# 319. `diff` and `taylor` of mpmath
# earns: nothing
# why: all of them are made of the values that one function takes
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
import mpmath
f=lambda w: w_y*mpmath.tanh(w*mpmath.tanh(w*h0))
dw_h=float(mpmath.diff(f,w_h)); dy2_dwh=float(mpmath.taylor(f,w_h,1)[1])
