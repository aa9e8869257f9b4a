import math

h0 = 0.5
w_h = 2.0
w_y = 40.0
# Bishop's letters the other way round: here z holds the activation.
a1 = w_h * h0
h1_raw = math.tanh(a1)
a2 = w_h * h1_raw
h2_raw = math.tanh(a2)
y2 = w_y * h2_raw
dh0_dwh = 0.0
dh1raw_dwh = h0 + w_h * dh0_dwh
dh1_dwh = (1 - h1_raw**2) * dh1raw_dwh
dh2raw_dwh = h1_raw + w_h * dh1_dwh
dh2_dwh = (1 - h2_raw**2) * dh2raw_dwh
dwy_dwh = 0.0
dy2_dwh = dwy_dwh * h2_raw + w_y * dh2_dwh
dh2_dwy = 0.0
dy2_dwy = h2_raw + w_y * dh2_dwy
dy2 = 1.0
dw_y = h2_raw * dy2
dh2 = w_y * dy2
g2 = (1 - h2_raw**2) * dh2
dh1 = w_h * g2
dh1_raw = (1 - h1_raw**2) * dh1
dw_h = h1_raw * g2 + h0 * dh1_raw
