# exercise: newton-step
# A second derivative is taken for the square of the first, and the power rule's 2 is lost once.

import math

x = 1.5
w = 0.3
y = 0.8

a = w * x
h = math.tanh(a)
r = h - y
loss = r * r

dr = 2 * r
da = dr * (1 - h * h)
dw = da * x

dh_dw = (1 - h * h) * x
ddr_dw = dh_dw  #> ddr_dw wrong, first
dda_dw = ddr_dw * (1 - h * h) - dr * 2 * h * dh_dw  #> dda_dw carried by ddr_dw
d2w = dw**2  #> d2w wrong
gauss_newton = 2 * dh_dw * dh_dw
step = -dw / d2w  #> step carried by d2w
