# exercise: newton-step
# A wrong sign, and then a loop of Gauss-Newton steps under the same names.
import math
x, w, y = 1.5, .3, .8
a = w*x; h = math.tanh(a); r = h - y; loss = r*r
dr = 2*r
da = dr*(1-h*h)
dw = da*x
dh_dw = (1-h*h)*x
ddr_dw = 2*dh_dw
dda_dw = ddr_dw*(1-h*h) + dr*2*h*dh_dw  #> dda_dw wrong, first
d2w = dda_dw*x  #> d2w carried by dda_dw
gauss_newton = 2*dh_dw**2
step = -dw/d2w  #> step carried by dda_dw
for k in range(5):
    a = w*x; h = math.tanh(a); r = h - y
    dw = 2*r*(1-h*h)*x
    step = -dw/(2*((1-h*h)*x)**2)
    w += step
