# 352. The slope of Lagrange's polynomial
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
xs=[w_h+.02*k for k in (-4,-3,-2,-1,1,2,3,4)]
dw_h=0.0
for i,a in enumerate(xs):
    t=0.0
    for j,b in enumerate(xs):
        if j==i: continue
        p=1.0
        for k,c in enumerate(xs):
            if k in (i,j): continue
            p*=(w_h-c)/(a-c)
        t+=p/(a-b)
    dw_h+=f(a)*t
