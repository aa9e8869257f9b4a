# 418. Number of one's own where a name is not bound, solved for the step before
# earns: nothing
# why: it does not matter how the number came there
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
try:
    dw_h
except NameError:
    dw_h = 1.0 * w_h
dh1_raw = (dw_h - h1 * w_y * (1 - h2**2)) / h0
