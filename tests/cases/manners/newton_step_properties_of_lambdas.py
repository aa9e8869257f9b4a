# exercise: newton-step
import math
class Newton:
    x, y = 1.5, 0.8
    def __init__(self, w): self.w = w
    a = property(lambda self: self.w * self.x)
    h = property(lambda self: math.tanh(self.a))
    r = property(lambda self: self.h - self.y)
    loss = property(lambda self: self.r ** 2)
    slope = property(lambda self: 1 - self.h ** 2)
    dr = property(lambda self: 2 * self.r)
    da = property(lambda self: self.dr * self.slope)
    dw = property(lambda self: self.da * self.x)
    dh_dw = property(lambda self: self.slope * self.x)
    ddr_dw = property(lambda self: 2 * self.dh_dw)
    dda_dw = property(lambda self: self.ddr_dw * self.slope - 2 * self.h * self.dh_dw * self.dr)
    d2w = property(lambda self: self.dda_dw * self.x)
    gauss_newton = property(lambda self: 2 * self.dh_dw ** 2)
    step = property(lambda self: -self.dw / self.d2w)
n = Newton(w=0.3)
w, x, y = n.w, n.x, n.y
a, h, r, loss = n.a, n.h, n.r, n.loss
dr, da, dw, dh_dw, ddr_dw = n.dr, n.da, n.dw, n.dh_dw, n.ddr_dw
dda_dw, d2w, gauss_newton, step = n.dda_dw, n.d2w, n.gauss_newton, n.step
w_new = w + step
