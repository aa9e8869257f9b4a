# 487. A shift by another function: shift ratio
# earns: nothing
# why: a function of shifted values has another slope, whatever makes the shift
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
def f(w): return w_y * math.tanh(w * math.tanh(w * h0))
w1 = (lambda n, d: (n * 2**27 + d) / (d * 2**27))(*w_h.as_integer_ratio())
dw_h = (f(w1) - f(w_h)) / (w1 - w_h)
