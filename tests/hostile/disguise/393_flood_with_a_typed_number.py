# 393. Products in a loop over numbers, one of which is a given one
# earns: nothing
# why: a reading that breaks the loop is none
import math
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2

vals = [h0, w_h, w_y, h1, h2, 1-h1**2, 1-h2**2]
import itertools
for n in (1,2,3,4,5):
    for c in itertools.combinations_with_replacement(vals, n):
        p = 1.0
        for x in c: p *= x
        z = p
