# exercise: retold-unit
import math


class Unit:
    def __init__(self, w, b, v):
        self.w, self.b, self.v = w, b, v

    def forward(self, x, y):
        self.x = x
        self.y = y
        self.z = self.w * x + self.b
        self.s = 1 / (1 + math.exp(-self.z))
        self.p = self.v * self.s
        self.e = self.p - y
        self.loss = self.e**2

    def backward(self):
        self.de = 2 * self.e
        self.dp = self.de
        self.dv = self.s * self.dp
        self.ds = self.v * self.dp
        self.dz = self.s * (1 - self.s) * self.ds
        self.dw = self.x * self.dz
        self.db = self.dz
        self.dx = self.w * self.dz


x = 0.7
w = -1.3
b = 0.4
v = 1.6
y = 0.9
unit = Unit(w, b, v)
unit.forward(x, y)
unit.backward()
