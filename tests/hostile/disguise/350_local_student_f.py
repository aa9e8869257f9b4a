# 350. Quotients of a function of one's own, with the chain rule
# earns: dh2 dh1
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
def s(v): return tanh(v)
def L(v,e=1e-3): return (8*(s(v+e)-s(v-e))-(s(v+2*e)-s(v-2*e)))/(12*e)
dh2=w_y
dh2_raw=L(h2_raw)*dh2
dh1=w_h*dh2_raw
dh1_raw=L(h1_raw)*dh1
