# 342. Cauchy's integral, node by node
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
import cmath
f=lambda w: w_y*cmath.tanh(w*cmath.tanh(w*h0))
n=64;r=0.25
dw_h=sum(f(w_h+r*cmath.exp(2j*math.pi*k/n))*cmath.exp(-2j*math.pi*k/n) for k in range(n)).real/(n*r)
