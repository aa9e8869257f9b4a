# 365. The slope of a polynomial through values at an array of nodes
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
x=np.cos(np.pi*(np.arange(24)+0.5)/24)
ws=w_h+0.2*x
ys=w_y*np.tanh(ws*np.tanh(ws*h0))
c=np.polynomial.chebyshev.Chebyshev.fit(ws,ys,20,domain=[w_h-0.2,w_h+0.2])
dw_h=float(c.deriv()(w_h))
