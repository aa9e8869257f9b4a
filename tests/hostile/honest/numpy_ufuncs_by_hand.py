import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import numpy as np
dy2 = 1.0
dw_y = np.multiply(dy2, h2)
dh2 = np.multiply(dy2, w_y)
dh2_raw = np.multiply.reduce([dh2, 1 - np.power(h2, 2)])
dh1 = np.prod([dh2_raw, w_h])
dh1_raw = np.multiply(dh1, np.subtract(1, np.square(h1)))
dw_h = np.dot([dh1_raw, dh2_raw], [h0, h1])
