# exercise: tanh-chain
import math
h0, w_h, w_y = 0.5, 2.0, 40.0

def mul(p, q):
    def backward(g):
        return g * q, g * p
    return p * q, backward

def tanh(p):
    o = math.tanh(p)
    def backward(g):
        return g * (1 - o ** 2)
    return o, backward

h1_raw, b_h1raw = mul(w_h, h0)
h1, b_h1 = tanh(h1_raw)
h2_raw, b_h2raw = mul(w_h, h1)
h2, b_h2 = tanh(h2_raw)
y2, b_y2 = mul(w_y, h2)

dy2 = 1.0
dw_y, dh2 = b_y2(dy2)
dh2_raw = b_h2(dh2)
dwh_2, dh1 = b_h2raw(dh2_raw)
dh1_raw = b_h1(dh1)
dwh_1, dh0 = b_h1raw(dh1_raw)
dw_h = dwh_1 + dwh_2

# forward
dh0_dwh, dwy_dwh = 0, 0
dh1raw_dwh = h0
dh1_dwh = dh1raw_dwh / math.cosh(h1_raw) ** 2
dh2raw_dwh = w_h * dh1_dwh + h1
dh2_dwh = dh2raw_dwh / math.cosh(h2_raw) ** 2
dy2_dwh = w_y * dh2_dwh
dh2_dwy = 0
dy2_dwy = h2
