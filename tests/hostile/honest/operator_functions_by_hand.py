import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import operator as op, functools
prod = lambda *a: functools.reduce(op.mul, a, 1.0)
dy2 = 1.0
dw_y = prod(dy2, h2)
dh2 = prod(dy2, w_y)
dh2_raw = prod(dh2, op.sub(1, op.pow(h2, 2)))
dh1 = prod(dh2_raw, w_h)
dh1_raw = prod(dh1, op.sub(1, op.pow(h1, 2)))
dw_h = op.add(prod(dh1_raw, h0), prod(dh2_raw, h1))
