# exercise: tanh-chain-reverse
# A helper of two results gets its arguments in the wrong order, and another one too.
import numpy as np
def tanh_back(dh, h): return dh*(1-h**2)
def mul_back(d, a, b): return d*b, d*a
h0=.5; w_h=2.; w_y=40.
h1_raw = w_h*h0
h1 = np.tanh(h1_raw)
h2_raw = w_h*h1
h2 = np.tanh(h2_raw)
y2 = w_y*h2
dy2 = 1.
dw_y, dh2 = mul_back(dy2, w_y, h2)
dh2_raw = tanh_back(h2, dh2)  #> dh2_raw wrong, first; unnamed; put dh2, h2
dw_h2, dh1 = mul_back(dh2_raw, h1, w_h)  #> dh1 wrong; unnamed; put w_h, h1
dh1_raw = tanh_back(dh1, h1)  #> dh1_raw carried by dh1
dw_h1, dh0 = mul_back(dh1_raw, w_h, h0)
dw_h = dw_h1 + dw_h2  #> dw_h carried by dh1
