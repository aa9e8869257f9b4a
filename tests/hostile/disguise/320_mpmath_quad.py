# 320. `diff` of mpmath by an integral along a circle
# earns: nothing
# why: a function that is handed on is perturbed
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
dw_h=float(mpmath.diff(f,w_h,method="quad",radius=0.25).real)
