# exercise: newton-step
import math
x, w, y = 1.5, 0.3, 0.8
try:
    a = w*x; h = math.tanh(a); r = h-y; loss = r**2
except ZeroDivisionError as err:
    print(err)
else:
    dr = 2*r
    slope = 1-h**2
    da = dr*slope
    dw = da*x
    dh_dw = slope*x
    ddr_dw = 2*dh_dw
    dslope_dw = -2*h*dh_dw
    dda_dw = ddr_dw*slope + dr*dslope_dw
    d2w = x*dda_dw
    gauss_newton = 2*dh_dw**2
finally:
    step = -dw/d2w
