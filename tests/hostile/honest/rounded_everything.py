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
dy2 = round(1.0, 9)
dw_y = round(h2*dy2, 9)
dh2 = round(w_y*dy2, 9)
dh2_raw = round((1 - h2**2)*dh2, 9)
dh1 = round(w_h*dh2_raw, 9)
dh1_raw = round((1 - h1**2)*dh1, 9)
dw_h = round(h1*dh2_raw + h0*dh1_raw, 9)
