import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
def get_dh0_dwh():
    return 0.0
dh0_dwh = get_dh0_dwh()
def get_dh1raw_dwh():
    return h0 + w_h * dh0_dwh
dh1raw_dwh = get_dh1raw_dwh()
def get_dh1_dwh():
    return (1 - h1**2) * dh1raw_dwh
dh1_dwh = get_dh1_dwh()
def get_dh2raw_dwh():
    return h1 + w_h * dh1_dwh
dh2raw_dwh = get_dh2raw_dwh()
def get_dh2_dwh():
    return (1 - h2**2) * dh2raw_dwh
dh2_dwh = get_dh2_dwh()
def get_dwy_dwh():
    return 0.0
dwy_dwh = get_dwy_dwh()
def get_dy2_dwh():
    return dwy_dwh * h2 + w_y * dh2_dwh
dy2_dwh = get_dy2_dwh()
def get_dh2_dwy():
    return 0.0
dh2_dwy = get_dh2_dwy()
def get_dy2_dwy():
    return h2 + w_y * dh2_dwy
dy2_dwy = get_dy2_dwy()
def get_dy2():
    return 1.0
dy2 = get_dy2()
def get_dw_y():
    return h2 * dy2
dw_y = get_dw_y()
def get_dh2():
    return w_y * dy2
dh2 = get_dh2()
def get_dh2_raw():
    return (1 - h2**2) * dh2
dh2_raw = get_dh2_raw()
def get_dh1():
    return w_h * dh2_raw
dh1 = get_dh1()
def get_dh1_raw():
    return (1 - h1**2) * dh1
dh1_raw = get_dh1_raw()
def get_dw_h():
    return h1 * dh2_raw + h0 * dh1_raw
dw_h = get_dw_h()
