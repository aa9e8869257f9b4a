import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
def sech2_series(z):
    q = math.exp(-2 * abs(z))
    return 4 * sum((-1)**(n + 1) * n * q**n for n in range(1, 400)) if abs(z) > 0.05 else 1 - math.tanh(z)**2
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = sech2_series(h2_raw) * dh2
dh1 = w_h * dh2_raw
dh1_raw = sech2_series(h1_raw) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
