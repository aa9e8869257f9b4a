# exercise: tanh-chain-reverse
# The weight hears from the last step only, and what arrives from above is left out once.

import math

h0 = 0.5
w_h = 2.0
w_y = 40.0

h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2

dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h  #> dh1 wrong, first; code upstream-missing
dh1_raw = (1 - h1**2) * dh1  #> dh1_raw carried by dh1
dw_h = h1 * dh2_raw  #> dw_h wrong
