# 540. Values around a weight by a function of one's own: own series
# earns: nothing
# why: a function that may be a series is a nonlinear one, and each call has its own middle
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import cmath
def ex(z):
    t = s = 1.0
    for k in range(1, 60):
        t = t * z / k
        s = s + t
    return s
acc = 0
for k in range(32):
    c = cmath.exp(2j * math.pi * k / 32) / 4
    w = sum([w_h, c])
    a = 1 - 2 / (ex(2 * w * h0) + 1)
    b = 1 - 2 / (ex(2 * w * a) + 1)
    acc = acc + w_y * b / c
dw_h = (acc / 32).real
