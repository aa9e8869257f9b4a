# 632. A text that pretends to come from a file of a library
# exercise: tanh-chain
# earns: nothing
# why: what a program executes as text gets other slopes, under whatever file name, or as a tree
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
import os
src = '''
import cmath
F = 0
for k in range(32):
    u = 0.2*cmath.exp(2j*cmath.pi*k/32)
    F = F + w_y*cmath.tanh((w_h + u)*cmath.tanh((w_h + u)*h0))/u
out = (F/32).real
'''
ns = dict(w_h=w_h, w_y=w_y, h0=h0)
exec(compile(src, os.__file__, 'exec'), ns)
dw_h = ns['out']
