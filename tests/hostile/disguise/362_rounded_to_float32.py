# 362. A difference rounded to float32
# earns: nothing
# why: noise that float32 can show moves it
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
import numpy as np
e=1e-5
dw_h=np.float32((w_y*tanh((w_h+e)*tanh((w_h+e)*h0))-w_y*tanh((w_h-e)*tanh((w_h-e)*h0)))/(2*e))
