# 389. A rounded quotient of an object whose weight is moved
# earns: nothing
# why: noise as large as the rounding moves it
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

class Net:
    w = 0.
    def bump(s, e): s.w += e
    @property
    def y(s): return w_y*tanh(s.w*tanh(s.w*h0))
n = Net(); n.w = w_h
e = 1e-3
v = []
n.bump(-3*e)
for k in range(5):
    n.bump(e); v.append(n.y)
dw_h = round((v[0]-8*v[1]+8*v[3]-v[4])/(12*e), 9)
