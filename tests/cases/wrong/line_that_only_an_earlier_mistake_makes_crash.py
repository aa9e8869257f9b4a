# exercise: tanh-chain
# A forward mistake makes a wrong line crash at the student's own numbers: what that line gives with the right ones shows
# its own mistake.

import math

h0 = 0.5
w_h = 2.0
w_y = 40.0

h1_raw = w_h * h0
h1 = math.log(h1_raw)  #> h1 wrong, first; put math.tanh(h1_raw)
h2_raw = w_h * h1  #> h2_raw carried by h1
h2 = math.tanh(h2_raw)  #> h2 carried by h1
y2 = w_y * h2  #> y2 carried by h1

dy2 = 1.0
dw_y = h2 * dy2  #> dw_y carried by h1
dh2 = w_y * dy2
dh2_raw = (1 - h2**-1) * dh2  #> dh2_raw wrong value; put 2
dh1 = w_h * dh2_raw  #> dh1 carried by dh2_raw
dh1_raw = (1 - h1**2) * dh1  #> dh1_raw carried by h1, dh2_raw
dw_h = h1 * dh2_raw + h0 * dh1_raw  #> dw_h carried by h1, dh2_raw

dh0_dwh = 0.0
dh1raw_dwh = h0 + w_h * dh0_dwh
dh1_dwh = (1 - h1**2) * dh1raw_dwh  #> dh1_dwh carried by h1
dh2raw_dwh = h1 + w_h * dh1_dwh  #> dh2raw_dwh carried by h1
dh2_dwh = (1 - h2**2) * dh2raw_dwh  #> dh2_dwh carried by h1
dwy_dwh = 0.0
dy2_dwh = dwy_dwh * h2 + w_y * dh2_dwh  #> dy2_dwh carried by h1
dh2_dwy = 0.0
dy2_dwy = h2 + w_y * dh2_dwy  #> dy2_dwy carried by h1
