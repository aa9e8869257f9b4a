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
import mpmath as mp
mp.mp.dps = 40
H1 = mp.tanh(mp.mpf(w_h) * h0)
H2 = mp.tanh(w_h * H1)
def sq(z): return 1 - z * z
dy2 = 1.0
dw_y = float(H2)
dh2 = w_y
dh2_raw = float(sq(H2) * dh2)
dh1 = w_h * dh2_raw
dh1_raw = float(sq(H1) * dh1)
dw_h = float(H1 * dh2_raw + h0 * mp.mpf(dh1_raw))
print(mp.diff(lambda w: w_y * mp.tanh(w * mp.tanh(w * h0)), w_h))
