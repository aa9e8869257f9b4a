# 388. A rounded quotient in a function made from a code object
# earns: nothing
# why: operators in a text are noisy too
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

import marshal, types
c = compile("lambda h,w,y: round((8*(y*tanh((w+1e-3)*tanh((w+1e-3)*h))-y*tanh((w-1e-3)*tanh((w-1e-3)*h)))-(y*tanh((w+2e-3)*tanh((w+2e-3)*h))-y*tanh((w-2e-3)*tanh((w-2e-3)*h))))/(12e-3),9)", 's', 'eval')
g = types.FunctionType(c.co_consts[0], {'tanh': tanh, 'round': round})
dw_h = g(h0, w_h, w_y)
