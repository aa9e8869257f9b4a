# exercise: newton-step
import math

x, w, y = 1.5, 0.3, 0.8


class Fit:
    def __init__(self, x, w, y):
        self.x, self.w, self.y = x, w, y

    @property
    def h(self):
        return math.tanh(self.w * self.x)

    def slopes(self):
        r = self.h - self.y
        dr = 2 * r
        da = dr * (1 - self.h**2)
        dw = da * self.x
        return dr, da, dw

    def curvature(self):
        dr, da, dw = self.slopes()
        h = self.h
        dh_dw = (1 - h**2) * self.x
        ddr_dw = 2 * dh_dw
        dda_dw = ddr_dw * (1 - h**2) + dr * (-2 * h * dh_dw)
        return dh_dw, ddr_dw, dda_dw, dda_dw * self.x, 2 * dh_dw**2


fit = Fit(x, w, y)
dr, da, dw = fit.slopes()
dh_dw, ddr_dw, dda_dw, d2w, gauss_newton = fit.curvature()
step = -dw / d2w
