# exercise: tanh-chain-forward
import math
h0, w_h, w_y = 0.5, 2.0, 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
prod = lambda u, v, du, dv: du * dv  #> guilty
dh0_dwh = 0.0
dh1raw_dwh = prod(w_h, h0, 1.0, dh0_dwh)
dh1_dwh = (1 - h1 ** 2) * dh1raw_dwh
dh2raw_dwh = prod(w_h, h1, 1.0, dh1_dwh)
dh2_dwh = (1 - h2 ** 2) * dh2raw_dwh
dwy_dwh = 0.0
dy2_dwh = prod(w_y, h2, dwy_dwh, dh2_dwh)
dh2_dwy = 0.0
dy2_dwy = prod(w_y, h2, 1.0, dh2_dwy)
