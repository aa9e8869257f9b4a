# 372. A text evaluated at other inputs
# earns: nothing
# why: noise on what `eval` gives moves it
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

S="w_y*tanh(w*tanh(w*h0))"; e=1e-3
v=[eval(S,{**globals(),"w":w_h+k*e}) for k in (-2,-1,1,2)]
dw_h=(8*(v[2]-v[1])-(v[3]-v[0]))/(12*e)
