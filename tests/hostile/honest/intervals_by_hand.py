import math
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2
from mpmath import iv
iv.dps = 40
def sech2(h): return 1 - iv.mpf(h)**2
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = float((sech2(h2) * dh2).mid)
dh1 = w_h * dh2_raw
dh1_raw = float((sech2(h1) * dh1).mid)
dw_h = float((iv.mpf(h1) * dh2_raw + iv.mpf(h0) * dh1_raw).mid)
def f(w):
    e = iv.exp(2*iv.mpf(w)*iv.mpf(h0)); return (e - 1)/(e + 1)
print((f(w_h + 1e-6) - f(w_h - 1e-6))/2e-6)
