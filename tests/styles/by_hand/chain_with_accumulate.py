# exercise: tanh-chain-reverse
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2

from itertools import accumulate
from operator import mul
dy2, dh2, dh2_raw, dh1, dh1_raw = accumulate([1.0, w_y, 1 - h2**2, w_h, 1 - h1**2], mul)
dw_y = dy2 * h2
dw_h = sum(a * b for a, b in zip((dh2_raw, dh1_raw), (h1, h0)))
