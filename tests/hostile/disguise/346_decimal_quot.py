# 346. A tiny step in sixty digits of decimal
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
from decimal import Decimal as D, getcontext
getcontext().prec=60
def th(x):
    e=(2*x).exp(); return (e-1)/(e+1)
def f(w): return D(w_y)*th(w*th(w*D(h0)))
e=D(10)**-20
dw_h=float((f(D(w_h)+e)-f(D(w_h)-e))/(2*e))
