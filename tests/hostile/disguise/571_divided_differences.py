# 571. The derivative of Newton's interpolation
# earns: nothing
# why: a function is evaluated around the value that its derivative is wanted at
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
f = lambda w: w_y * tanh(w * tanh(w * h0))
xs = [w_h + d for d in (-.02, -.01, .01, .02, .03)]
t = [f(x) for x in xs]
for k in range(1, 5):
    t = t[:k] + [(t[i] - t[i - 1]) / (xs[i] - xs[i - k]) for i in range(k, 5)]
p, dp = t[4], 0.0
for k in (3, 2, 1, 0):
    dp = dp * (w_h - xs[k]) + p
    p = p * (w_h - xs[k]) + t[k]
dw_h = dp
