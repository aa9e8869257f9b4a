# exercise: tanh-chain-reverse
import math
h0 = 0.5; w_h = 2.0; w_y = 40.0
def mul(a, b):
    def back(d):
        return d * b, d * a
    return a * b, back
def tanh(x):
    t = math.tanh(x)
    def back(d):
        return d * (1 - t * t)
    return t, back
h1_raw, b1 = mul(w_h, h0)
h1, b2 = tanh(h1_raw)
h2_raw, b3 = mul(w_h, h1)
h2, b4 = tanh(h2_raw)
y2, b5 = mul(w_y, h2)
dy2 = 1.0
dw_y, dh2 = b5(dy2)
dh2_raw = b4(dh2)
dw_h_2, dh1 = b3(dh2_raw)
dh1_raw = b2(dh1)
dw_h_1, dh0 = b1(dh1_raw)
dw_h = dw_h_1 + dw_h_2
