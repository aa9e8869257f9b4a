# 402. A complex step without a complex number in the text
# earns: nothing
# why: a nonlinear function gets another slope wherever its argument is no known value, whatever made the argument
import math
from math import tanh
import numpy as np
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2
z = np.array([w_h, 1e-30]).view('c16')[0]
v = w_y*np.tanh(z*np.tanh(z*h0))
dw_h = np.array([v]).view('f8')[1]/1e-30
