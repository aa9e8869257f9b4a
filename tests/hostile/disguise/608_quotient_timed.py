# 608. A quotient in a text that is timed
# earns: nothing
# why: what a library carries out as text for the program gets other slopes too
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
import timeit
e = 1e-6; out = []
timeit.timeit("out.append(w_y * tanh((w_h + e) * tanh((w_h + e) * h0)) - w_y * tanh((w_h - e) * tanh((w_h - e) * h0)))", globals=globals(), number=1)
dw_h = out[0] / (2 * e)
