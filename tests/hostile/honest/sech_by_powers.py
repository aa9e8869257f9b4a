import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
def sech2(x, e=math.e):
    c = (e**x + e**-x) / 2
    return 1 / c**2
dy2 = 1.0
dw_y = h2
dh2 = w_y
dh2_raw = dh2 * sech2(h2_raw)
dh1 = dh2_raw * w_h
dh1_raw = dh1 * sech2(h1_raw)
dw_h = dh1_raw * h0 + dh2_raw * h1
lr = 0.01
