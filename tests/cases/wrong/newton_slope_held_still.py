# exercise: newton-step
# The slope of the tanh is differentiated as if it were a constant: what comes out is Gauss-Newton.

import numpy as np

x = 1.5
w = 0.3
y = 0.8

a = w * x
h = np.tanh(a)
r = h - y
loss = r**2

dr = 2 * r
da = dr * (1 - h**2)
dw = da * x

dh_dw = (1 - h**2) * x
ddr_dw = 2 * dh_dw
dda_dw = ddr_dw * (1 - h**2)  #> dda_dw wrong, first
d2w = dda_dw * x  #> d2w carried by dda_dw
gauss_newton = d2w  #> gauss_newton compensated
step = -dw / d2w  #> step carried by dda_dw
