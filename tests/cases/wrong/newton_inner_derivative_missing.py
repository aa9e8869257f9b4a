# exercise: newton-step
# Forward mode: what is missing comes from the step before, not from later ones.
# #> ddr_dw carried
# #> dda_dw carried
# #> d2w carried
# #> gauss_newton carried
# #> step carried
import math

x, w, y = 1.5, 0.3, 0.8
a = w * x
h = math.tanh(a)
r = h - y
loss = r ** 2

dr = 2 * r
da = dr * (1 - h ** 2)
dw = da * x
dh_dw = (1 - h ** 2)  #> dh_dw wrong, first; code inner-derivative-missing; put (1 - h ** 2) * x
ddr_dw = 2 * dh_dw
dda_dw = ddr_dw * (1 - h ** 2) + dr * (-2 * h * dh_dw)
d2w = dda_dw * x
gauss_newton = 2 * dh_dw ** 2
step = -dw / d2w
