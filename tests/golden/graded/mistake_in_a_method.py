# exercise: tanh-chain-reverse
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0

class Step:
    def forward(self, w, h):
        self.w, self.h = w, h
        self.raw = w * h
        self.out = tanh(self.raw)
        return self.out
    def backward(self, d):
        self.draw = d * (1 - self.out ** 2)
        self.dw = d * self.h
        return self.draw * self.w

one, two = Step(), Step()
h1 = one.forward(w_h, h0)
h2 = two.forward(w_h, h1)
h1_raw, h2_raw = one.raw, two.raw
y2 = w_y * h2
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh1 = two.backward(dh2)
dh2_raw = two.draw
dh0 = one.backward(dh1)
dh1_raw = one.draw
dw_h = one.dw + two.dw
