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

slope = {}
slope["h1"] = 1 - h1**2
slope["h2"] = 1 - h2**2

dh0_dwh = 0.0
dh1raw_dwh = h0
dh1_dwh = slope["h1"] * dh1raw_dwh
dh2raw_dwh = h1 + w_h * dh1_dwh
dh2_dwh = slope["h2"] * dh2raw_dwh
dwy_dwh = 0.0
dy2_dwh = w_y * dh2_dwh
dh2_dwy = 0.0
dy2_dwy = h2
dy2 = 1.0
dw_y = dy2 * h2
dh2 = dy2 * w_y
dh2_raw = dh2 * slope["h2"]
dh1 = dh2_raw * w_h
dh1_raw = dh1 * slope["h1"]
dw_h = dh1_raw * h0 + dh2_raw * h1
