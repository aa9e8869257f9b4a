# exercise: tanh-chain-forward
# The shared weight's part in the first step is left out of the second.

import math

h0 = 0.5
w_h = 2.0
w_y = 40.0

h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2

dh0_dwh = 0
dh1raw_dwh = h0
dh1_dwh = (1 - h1**2) * dh1raw_dwh
dh2raw_dwh = h1  #> dh2raw_dwh wrong, first; code product-rule-term-missing
dh2_dwh = (1 - h2**2) * dh2raw_dwh  #> dh2_dwh carried by dh2raw_dwh
dwy_dwh = 0
dy2_dwh = w_y * dh2_dwh  #> dy2_dwh carried by dh2raw_dwh
dh2_dwy = 0
dy2_dwy = h2
