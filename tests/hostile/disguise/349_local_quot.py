# 349. Quotients of tanh alone, with the chain rule
# earns: dy2 dh2 dh1
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
def L(v,e=2**-10): return (8*(tanh(v+e)-tanh(v-e))-(tanh(v+2*e)-tanh(v-2*e)))/(12*e)
dy2=1;dh2=w_y
dh2_raw=L(h2_raw)*dh2
dh1=w_h*dh2_raw
dh1_raw=L(h1_raw)*dh1
