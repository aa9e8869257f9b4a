# exercise: tanh-chain-reverse
# %%
import math
from math import tanh
h0 = 0.5
w_h = 1.2
w_y = 2.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2

# %%
class Chain:
    def __init__(self, w_h, w_y, h0):
        self.w_h, self.w_y, self.h0 = w_h, w_y, h0
    def backward(self, h1, h2):
        dy2 = 1.0
        dw_y = dy2 * h2
        dh2 = dy2 * self.w_y
        dh2_raw = dh2 * (1 - h2**2)
        dh1 = dh2_raw * self.w_h
        dh1_raw = dh1 * (1 - h1**2)
        dw_h = dh2_raw * h1 + dh1_raw * self.h0
        return dw_h
# %%
Chain(w_h, w_y, h0).backward(h1, h2)
# %%
for step in (1e-5, 1e-6):
    f = lambda w: w_y * tanh(w * tanh(w * h0))
    print((f(w_h + step) - f(w_h - step)) / (2 * step))
