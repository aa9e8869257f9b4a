# exercise: tanh-chain
# Derivatives that are certainly 1 or 0 are written out: a repair says which of them belongs where another name stands,
# and none is right only because one of them is 0 (`w_y + dwy_dwh`, `dwy_dwh / h2`).

import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
dh0_dwh = 0.0
dh1raw_dwh = h0 + w_h * h1  #> dh1raw_dwh wrong, first; put dh0_dwh
dh1_dwh = (1 - h1**2) * dh1raw_dwh  #> dh1_dwh carried
dh2raw_dwh = h1 + w_h * dh1_dwh  #> dh2raw_dwh carried
dh2_dwh = (1 - h2**2) * dh2raw_dwh  #> dh2_dwh carried
dwy_dwh = 0.0
dy2_dwh = dwy_dwh + h2 + w_y * dh2_dwh  #> dy2_dwh wrong; put dwy_dwh * h2
dh2_dwy = 0.0
dy2_dwy = h2 + w_y * dh2_dwy
dy2 = 1.0
dw_y = h2 * h1  #> dw_y wrong; put dy2
dh2 = w_y + dy2  #> dh2 wrong; put w_y * dy2
dh2_raw = (1 - h2**2) * dh2  #> dh2_raw carried
dh1 = w_h * dh2_raw  #> dh1 carried
dh1_raw = (1 - h1**2) * dh1  #> dh1_raw carried
dw_h = h1 * dh2_raw + h0 * dh1_raw  #> dw_h carried
