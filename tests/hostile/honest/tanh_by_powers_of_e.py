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
e = 2.718281828459045
h0 = 0.5
w_h = 2.0
w_y = 40.0
def tanh(u):
    return (e**u - e**-u) / (e**u + e**-u)
h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2
dh0_dwh = 0.0
dwy_dwh = 0.0
dh2_dwy = 0.0
dh1raw_dwh = h0
dh1_dwh = 4 / (e**h1_raw + e**-h1_raw)**2 * dh1raw_dwh
dh2raw_dwh = h1 + w_h * dh1_dwh
dh2_dwh = 4 * e**(2 * h2_raw) / (e**(2 * h2_raw) + 1)**2 * dh2raw_dwh
dy2_dwh = w_y * dh2_dwh
dy2_dwy = h2
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
