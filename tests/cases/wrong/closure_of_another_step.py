# exercise: tanh-chain-reverse
# The function that goes back through another step is called.

import numpy as np
def tanh(x):
    y = np.tanh(x)
    def back(dy):
        return dy * (1 - y**2)
    return y, back
def mul(a, b):
    def back(dout):
        return dout * b, dout * a
    return a * b, back
h0, w_h, w_y = 0.5, 2.0, 40.0
h1_raw, back1 = mul(w_h, h0)
h1, tback1 = tanh(h1_raw)
h2_raw, back2 = mul(w_h, h1)
h2, tback2 = tanh(h2_raw)
y2, back3 = mul(w_y, h2)
dy2 = 1.0
dw_y, dh2 = back3(dy2)
dh2_raw = tback1(dh2)  #> dh2_raw wrong, first; unnamed; put tback2
dw2, dh1 = back2(dh2_raw)  #> dh1 carried by dh2_raw
dh1_raw = tback1(dh1)  #> dh1_raw carried by dh2_raw
dw1, dh0 = back1(dh1_raw)
dw_h = dw1 + dw2  #> dw_h carried by dh2_raw
