# 373. A function of a global that is shifted
# earns: nothing
# why: a step that grows by the slope that is added to a function was computed from its values
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

W=w_h
def run():
    return w_y*tanh(W*tanh(W*h0))
e=1e-3; v=[]
for k in (-2,-1,1,2):
    W=w_h+k*e
    v.append(run())
dw_h=(8*(v[2]-v[1])-(v[3]-v[0]))/(12*e)
