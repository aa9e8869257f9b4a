import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import sys
import mpmath
for one in [one for one in sys.modules if one.partition('.')[0] == 'mpmath']:
    del sys.modules[one]
import mpmath as mp
x = mp.matrix([[h1], [h0]])
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = float((1 - mp.tanh(h2_raw)**2) * dh2)
dh1 = w_h * dh2_raw
dh1_raw = float((1 - mp.tanh(h1_raw)**2) * dh1)
dw_h = float((mp.matrix([[dh2_raw, dh1_raw]]) * x)[0])
