import math

h0 = 0.5
w_h = 2.0
w_y = 40.0
hs = [h0]
raws = [None]
for t in range(2):
    raws.append(w_h * hs[-1])
    hs.append(math.tanh(raws[-1]))
h1_raw, h2_raw = raws[1:]
h1, h2 = hs[1:]
y2 = w_y * h2
dhs, draws = {2: w_y}, {}
dw_h = 0.0
for t in (2, 1):
    draws[t] = (1 - hs[t] ** 2) * dhs[t]
    dhs[t - 1] = w_h * draws[t]
    dw_h += hs[t - 1] * draws[t]
dy2 = 1.0
dw_y = h2
dh2, dh1 = dhs[2], dhs[1]
dh2_raw, dh1_raw = draws[2], draws[1]
dh0_dwh = 0.0
dh1raw_dwh = h0 + w_h * dh0_dwh
dh1_dwh = (1 - h1**2) * dh1raw_dwh
dh2raw_dwh = h1 + w_h * dh1_dwh
dh2_dwh = (1 - h2**2) * dh2raw_dwh
dwy_dwh = 0.0
dy2_dwh = dwy_dwh * h2 + w_y * dh2_dwh
dh2_dwy = 0.0
dy2_dwy = h2 + w_y * dh2_dwy
