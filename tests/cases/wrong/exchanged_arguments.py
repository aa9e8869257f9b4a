# exercise: tanh-chain-reverse
# The call hands over two weights in the wrong order; every line of the function is right.
import numpy as np
def forward(h0, w_h, w_y):
    h1_raw = w_h*h0
    h1 = np.tanh(h1_raw)
    h2_raw = w_h*h1
    h2 = np.tanh(h2_raw)
    y2 = w_y*h2
    return y2, (h0, h1_raw, h1, h2_raw, h2)
def backward(w_h, w_y, cache):
    h0, h1_raw, h1, h2_raw, h2 = cache
    dy2 = 1
    dw_y = h2
    dh2 = w_y
    dh2_raw = dh2*(1-h2**2)  #> dh2_raw carried by dh2
    dh1 = dh2_raw*w_h  #> dh1 carried by dh2
    dh1_raw = dh1*(1-h1**2)
    dw_h = dh2_raw*h1 + dh1_raw*h0  #> dw_h carried by dh2
    return dw_h, dw_y
h0=.5; w_h=2.; w_y=40.
y, cache = forward(h0, w_h, w_y)
dw_h, dw_y = backward(w_y, w_h, cache)  #> dh2 wrong, first; unnamed; put w_h, w_y
print(dw_h)
