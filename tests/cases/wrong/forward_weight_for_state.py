# exercise: tanh-chain-forward
# A product is differentiated by the wrong factor, and an inner derivative is left out.

import numpy as np

h0 = np.float64(0.5)
w_h = np.float64(2.0)
w_y = np.float64(40.0)

h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2

dh0_dwh = 0.0
dh1raw_dwh = w_h  #> dh1raw_dwh wrong, first
dh1_dwh = (1 - h1**2) * dh1raw_dwh  #> dh1_dwh carried by dh1raw_dwh
dh2raw_dwh = h1 + w_h * dh1_dwh  #> dh2raw_dwh carried by dh1raw_dwh
dh2_dwh = 1 - h2**2  #> dh2_dwh wrong
dwy_dwh = 0.0
dy2_dwh = w_y * dh2_dwh  #> dy2_dwh carried by dh2_dwh
dh2_dwy = 0.0
dy2_dwy = w_y  #> dy2_dwy wrong
