# 553. Cauchy's integral that divides by the difference of the shifted weight and the weight
# earns: dh1raw_dwh
# why: a difference that is the step itself is no shifted value: the step may be any number of the text
import math
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2
def ys():
    for k in range(16):
        z = w_h + 0.1 * complex(math.cos(math.pi * k / 8), math.sin(math.pi * k / 8))
        yield z
import cmath
acc = 0
for z in ys():
    h = h0
    for _ in range(2): h = cmath.tanh(z * h)
    acc += w_y * h / (z - w_h)
dw_h = (acc / 16).real
