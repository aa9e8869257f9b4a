# exercise: tanh-chain-reverse
# The cache keeps two values under each other's keys.
import numpy as np
def forward(h0, w_h, w_y):
    h1_raw = w_h*h0
    h1 = np.tanh(h1_raw)
    h2_raw = w_h*h1
    h2 = np.tanh(h2_raw)
    y2 = w_y*h2
    cache = {"h0":h0, "h1":h1_raw, "h1_raw":h1, "h2":h2, "h2_raw":h2_raw}  #> dh1_raw wrong, first; unnamed; put h1, "h1_raw":h1_raw
    return y2, cache
def backward(w_h, w_y, cache):
    h0 = cache["h0"]
    h1_raw = cache["h1_raw"]
    h1 = cache["h1"]
    h2_raw = cache["h2_raw"]
    h2 = cache["h2"]
    dy2 = 1
    dw_y = dy2*h2
    dh2 = dy2*w_y
    dh2_raw = dh2*(1-h2**2)
    dh1 = dh2_raw*w_h
    dh1_raw = dh1*(1-h1**2)
    dw_h = dh2_raw*h1 + dh1_raw*h0  #> dw_h carried by dh1_raw
    return dw_h, dw_y
h0=.5; w_h=2.; w_y=40.
y, cache = forward(h0, w_h, w_y)
dw_h, dw_y = backward(w_h, w_y, cache)
