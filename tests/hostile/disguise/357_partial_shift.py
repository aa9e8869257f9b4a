# 357. The step as the argument of a partial function
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
from functools import partial
def f(w,s): return w_y*tanh((w+s)*tanh((w+s)*h0))
F=partial(f,w_h)
e=2**-10
dw_h=(8*(F(e)-F(-e))-(F(2*e)-F(-2*e)))/(12*e)
