# 343. Cauchy's integral, all nodes at once
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
f=lambda w: w_y*np.tanh(w*np.tanh(w*h0))
z=np.exp(2j*np.pi*np.arange(64)/64)
dw_h=float(np.mean(f(w_h+.25*z)/z).real/.25)
