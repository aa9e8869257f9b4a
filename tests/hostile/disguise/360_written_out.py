# 360. A central difference written out
# earns: nothing
# why: what is computed from something shifted gets another slope, and the step shows it
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
e=1e-6
dw_h=(w_y*tanh((w_h+e)*tanh((w_h+e)*h0))-w_y*tanh((w_h-e)*tanh((w_h-e)*h0)))/(2*e)
