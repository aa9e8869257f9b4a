# exercise: newton-step
# 1 - h**2 is differentiated by h and not on by w; the step goes uphill.

import math

x, w, y = 1.5, 0.3, 0.8

a = w * x
h = math.tanh(a)
r = h - y
loss = r**2

dr = 2 * r
da = dr * (1 - h**2)
dw = x * da

dh_dw = x * (1 - h**2)
ddr_dw = 2 * dh_dw
dda_dw = ddr_dw * (1 - h**2) + dr * (-2 * h)  #> dda_dw wrong, first
d2w = x * dda_dw  #> d2w carried by dda_dw
gauss_newton = 2 * dh_dw**2
step = dw / d2w  #> step wrong
