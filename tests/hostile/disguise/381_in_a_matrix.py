# 381. Values at four places in a diagonal matrix
# earns: nothing
# why: what is computed from something shifted gets another slope, and the step shows it
import numpy as np
from numpy import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2
e=1e-3
W=np.diag([w_h-2*e,w_h-e,w_h+e,w_h+2*e])
o=np.ones(4)
v=w_y*np.tanh(W@np.tanh(W@o*h0))
dw_h=round(float(np.array([1,-8,8,-1])@v/(12*e)),9)
