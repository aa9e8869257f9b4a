# 560. The slope of tanh as a second difference of its integral
# earns: nothing
# why: a function is evaluated around the value that its derivative is wanted at
import math
import numpy as np
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2

lc=lambda x: abs(x)+math.log1p(math.exp(-2*abs(x)))
e=1e-3
dd=lambda x: (-lc(x+2*e)+16*lc(x+e)-30*lc(x)+16*lc(x-e)-lc(x-2*e))/(12*e*e)
dh1_dwh=dd(h1_raw)*h0
