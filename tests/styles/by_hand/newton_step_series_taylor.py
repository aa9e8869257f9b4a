# exercise: newton-step
import numpy as np
from numpy.polynomial import polynomial as Poly
x, w, y = 1.5, 0.3, 0.8
a = w*x; h = np.tanh(a); r = h-y; loss = r**2
# Taylor coefficients in (w - w0), by hand: a = a0 + x t; tanh = h + (1-h^2) u - h(1-h^2) u^2
sl = 1-h*h
rt = np.array([r, sl*x, -h*sl*x*x])
lt = Poly.polymul(rt, rt)[:3]
dr = 2*r
da = dr*sl
dw = lt[1]
d2w = 2*lt[2]
dh_dw = rt[1]
ddr_dw = 2*rt[1]
dda_dw = d2w/x
gauss_newton = 2*rt[1]**2
step = -dw/d2w
