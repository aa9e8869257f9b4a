import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
def ex(z):
    s = t = 1.0
    for k in range(1, 80):
        t = t * z / k
        s = s + t
    return s
def sech2(z):
    E = ex(z)
    return 4 / (E + 1 / E)**2
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = sech2(h2_raw) * dh2
dh1 = w_h * dh2_raw
dh1_raw = sech2(h1_raw) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
lr = 0.05
