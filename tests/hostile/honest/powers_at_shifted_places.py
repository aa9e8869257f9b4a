# exercise: tanh-chain
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
def sech2(u):
    t = 0.0
    for c in (0.25, -0.25):
        t += math.e**(2 * u + c)
    k = math.e**0.25 + math.e**-0.25
    q = t / k
    return 4 * q / (1 + q)**2
dh0_dwh = 0.0
dwy_dwh = 0.0
dh2_dwy = 0.0
dh1raw_dwh = h0
dh1_dwh = sech2(h1_raw) * dh1raw_dwh
dh2raw_dwh = h1 + w_h * dh1_dwh
dh2_dwh = sech2(h2_raw) * dh2raw_dwh
dy2_dwh = w_y * dh2_dwh
dy2_dwy = h2
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = sech2(h2_raw) * dh2
dh1 = w_h * dh2_raw
dh1_raw = sech2(h1_raw) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
