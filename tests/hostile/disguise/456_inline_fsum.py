# 456. A shift by another function: inline fsum
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
import statistics
w1 = math.fsum([w_h, 1e-7])
dw_h = (w_y * math.tanh(w1 * math.tanh(w1 * h0)) - y2) / (w1 - w_h)
