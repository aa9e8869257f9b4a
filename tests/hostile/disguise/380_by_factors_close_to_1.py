# 380. An array of factors close to 1
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
r=np.array([1.002,1.001,.999,.998])*w_h
v=w_y*np.tanh(r*np.tanh(r*h0))
dw_h=round(float((8*(v[1]-v[2])-(v[0]-v[3]))/(.012*w_h)),9)
