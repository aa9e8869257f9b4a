# 383. A copy of the weight that is moved in place
# earns: nothing
# why: what is computed from something shifted gets another slope, and the step shows it
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
e=1e-3
v=[0]*4
for i,k in enumerate((-2,-1,1,2)):
    w=w_h
    w+=k*e
    v[i]=w_y*tanh(w*tanh(w*h0))
dw_h=round((8*(v[2]-v[1])-(v[3]-v[0]))/(12*e),9)
