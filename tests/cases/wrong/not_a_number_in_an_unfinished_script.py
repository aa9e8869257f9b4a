# exercise: tanh-chain
import numpy as np
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2
dh0_dwh = 0
dh1raw_dwh = h0
dh1_dwh = np.sqrt(1 - np.exp(h1_raw)**2) * dh1raw_dwh  #> dh1_dwh wrong, first
dh2raw_dwh = h1 + w_h * dh1_dwh  #> dh2raw_dwh carried
# TODO rest tomorrow
# #> dh2_dwh missing
# #> dwy_dwh missing
# #> dy2_dwh missing
# #> dh2_dwy missing
# #> dy2_dwy missing
# #> dy2 missing
# #> dw_y missing
# #> dh2 missing
# #> dh2_raw missing
# #> dh1 missing
# #> dh1_raw missing
# #> dw_h missing
