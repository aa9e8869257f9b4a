# 370. Legendre coefficients of values at nodes, differentiated
# earns: nothing
# why: what is computed from something shifted gets another slope, and the step shows it
import math
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2

import numpy as np
# derivative by convolution with a kernel derivative
x,wt=np.polynomial.legendre.leggauss(40)
s=0.2
ys=w_y*np.tanh((w_h+s*x)*np.tanh((w_h+s*x)*h0))
# project on Legendre, differentiate at 0
from numpy.polynomial import legendre as L
c=[(2*n+1)/2*np.sum(wt*ys*L.legval(x,[0]*n+[1])) for n in range(24)]
dw_h=float(L.legval(0.0,L.legder(c))/s)
