# 353. Longer floats of numpy
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
import numpy as np
L=np.longdouble
f=lambda w: L(w_y)*np.tanh(w*np.tanh(w*L(h0)))
e=L(1e-4)
dw_h=float((8*(f(L(w_h)+e)-f(L(w_h)-e))-(f(L(w_h)+2*e)-f(L(w_h)-2*e)))/(12*e))
