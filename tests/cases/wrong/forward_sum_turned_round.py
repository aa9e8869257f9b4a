# exercise: tanh-chain
# A whole sum turned round, one term of which is 0: where the sign belongs is open, what is wrong is not.
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
dh1raw_dwh = h0 + w_h * dh0_dwh
dh1_dwh = (1 - h1**2) * dh1raw_dwh
dh2raw_dwh = h1 + w_h * dh1_dwh
dh2_dwh = (1 - h2**2) * dh2raw_dwh
dwy_dwh = 0.0
dy2_dwh = -(dwy_dwh * h2 + w_y * dh2_dwh)  #> dy2_dwh wrong, first; code sign-flipped
dh2_dwy = 0.0
dy2_dwy = h2 + w_y * dh2_dwy

dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
