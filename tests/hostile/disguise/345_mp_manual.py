# 345. A tiny step in sixty digits of mpmath
# earns: nothing
# why: a step that grows by the slope that is added to a function was computed from its values
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
import mpmath as mp
mp.mp.dps=60
f=lambda w: mp.mpf(w_y)*mp.tanh(w*mp.tanh(w*mp.mpf(h0)))
e=mp.mpf(10)**-25
dw_h=float((f(mp.mpf(w_h)+e)-f(mp.mpf(w_h)-e))/(2*e))
