# exercise: tanh-chain-reverse
# A helper that is wrong itself, called for two steps: one mistake, at its line in the helper.
# #> dh1_raw carried by dh2_raw

import math


def tanh_step(w, h, upstream):
    out = math.tanh(w * h)
    return (1 - w * h) * upstream  #> dh2_raw wrong, first


h0, w_h, w_y = 0.5, 2.0, 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
dy2 = 1.0
dw_y = h2
dh2 = w_y
dh2_raw = tanh_step(w_h, h1, dh2)
dh1 = w_h * dh2_raw  #> dh1 carried by dh2_raw
dh1_raw = tanh_step(w_h, h0, dh1)
dw_h = h1 * dh2_raw + h0 * dh1_raw  #> dw_h carried by dh2_raw
