# 407. The function is an entry of a dictionary
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
r = 0.3
n = 32
nodes = r*np.exp(2j*np.pi*np.arange(n)/n)
z = np.polyval([1, w_h], nodes)
F = {'t': np.tanh}
dw_h = float(np.real(np.mean(w_y*F['t'](z*F['t'](z*h0))/nodes)))
