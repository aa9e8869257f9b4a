import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import cmath
def s(z): return (1 / cmath.cos(1j * z)**2).real
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = s(h2_raw) * dh2
dh1 = w_h * dh2_raw
dh1_raw = s(h1_raw) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
