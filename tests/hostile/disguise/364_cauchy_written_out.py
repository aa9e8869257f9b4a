# 364. Cauchy's integral over an array of nodes, without a function
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
k=np.arange(32)
z=w_h+0.3*np.exp(2j*np.pi*k/32)
f=w_y*np.tanh(z*np.tanh(z*h0))
dw_h=float((f*np.exp(-2j*np.pi*k/32)).mean().real/0.3)
