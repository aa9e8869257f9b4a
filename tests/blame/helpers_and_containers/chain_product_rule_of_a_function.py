# exercise: tanh-chain-forward
import math
h0, w_h, w_y = 0.5, 2.0, 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
def prod(u, du, v, dv): return du * dv  #> guilty
def d_tanh(out, d): return (1 - out ** 2) * d
dh0_dwh = 0.0
dh1raw_dwh = prod(w_h, 1.0, h0, dh0_dwh)
dh1_dwh = d_tanh(h1, dh1raw_dwh)
dh2raw_dwh = prod(w_h, 1.0, h1, dh1_dwh)
dh2_dwh = d_tanh(h2, dh2raw_dwh)
dwy_dwh = 0.0
dy2_dwh = prod(w_y, dwy_dwh, h2, dh2_dwh)
dh2_dwy = 0.0
dy2_dwy = prod(w_y, 1.0, h2, dh2_dwy)
