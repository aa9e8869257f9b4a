import math
import numpy as np
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2
p = np.poly1d([h0, 0.0])
z = p(w_h)
def slope(z): return np.poly1d([-1, 0, 1])(np.tanh(z))
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = slope(w_h * np.tanh(z)) * dh2
dh1 = w_h * dh2_raw
dh1_raw = slope(z) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
