# exercise: tanh-chain
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
dh1raw_dwh = h0
dh1_dwh = (1 - h1**2) * dh1raw_dwh
dh2raw_dwh = h1 + w_h * dh1_dwh
dh2_dwh = (1 - h2**2) * dh2raw_dwh
dwy_dwh = 0.0
dy2_dwh = w_y * dh2_dwh
dh2_dwy = 0.0
dy2_dwy = h2

aa = 1.0
bb = aa * h2
cc = aa * w_y
dd = cc * (1 - h2**2)
ee = dd * w_h
ff = ee * (1 - h1**2)
hh = ff * h0 + dd * h1
vals = dict(y2=aa, w_y=bb, h2=cc, h2_raw=dd, h1=ee, h1_raw=ff, w_h=hh)
grads = {}
grads.update(dy2=aa, dw_y=bb, dh2=cc, dh2_raw=dd, dh1=ee, dh1_raw=ff, dw_h=hh)
