# 354. Arguments by name, and Romberg's weights
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
def f(*,w,v): return v*tanh(w*tanh(w*h0))
e=2**-10
g=lambda e: (f(w=w_h+e,v=w_y)-f(w=w_h-e,v=w_y))/(2*e)
dw_h=(64*g(e/4)-20*g(e/2)+g(e))/45
