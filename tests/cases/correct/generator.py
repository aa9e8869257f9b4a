import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
def steps():
    dh0_dwh = 0.0
    yield dh0_dwh
    dh1raw_dwh = h0 + w_h * dh0_dwh
    yield dh1raw_dwh
    dh1_dwh = (1 - h1**2) * dh1raw_dwh
    yield dh1_dwh
    dh2raw_dwh = h1 + w_h * dh1_dwh
    yield dh2raw_dwh
    dh2_dwh = (1 - h2**2) * dh2raw_dwh
    yield dh2_dwh
    dwy_dwh = 0.0
    yield dwy_dwh
    dy2_dwh = dwy_dwh * h2 + w_y * dh2_dwh
    yield dy2_dwh
    dh2_dwy = 0.0
    yield dh2_dwy
    dy2_dwy = h2 + w_y * dh2_dwy
    yield dy2_dwy
    dy2 = 1.0
    yield dy2
    dw_y = h2 * dy2
    yield dw_y
    dh2 = w_y * dy2
    yield dh2
    dh2_raw = (1 - h2**2) * dh2
    yield dh2_raw
    dh1 = w_h * dh2_raw
    yield dh1
    dh1_raw = (1 - h1**2) * dh1
    yield dh1_raw
    dw_h = h1 * dh2_raw + h0 * dh1_raw
    yield dw_h
vals = list(steps())
