# 340. Five points with a wide step
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
f=lambda w: w_y*tanh(w*tanh(w*h0))
e=0.0009765625
dw_h=(8*(f(w_h+e)-f(w_h-e))-(f(w_h+2*e)-f(w_h-2*e)))/(12*e)
