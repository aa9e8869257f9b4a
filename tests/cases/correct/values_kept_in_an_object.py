import math
from types import SimpleNamespace

v = SimpleNamespace(h0=0.5, w_h=2.0, w_y=40.0)
g = SimpleNamespace()
v.h1_raw = v.w_h * v.h0
v.h1 = math.tanh(v.h1_raw)
v.h2_raw = v.w_h * v.h1
v.h2 = math.tanh(v.h2_raw)
v.y2 = v.w_y * v.h2
g.dy2 = 1.0
g.dw_y = v.h2
g.dh2 = v.w_y
g.dh2_raw = g.dh2 * (1 - v.h2**2)
g.dh1 = v.w_h * g.dh2_raw
g.dh1_raw = g.dh1 * (1 - v.h1**2)
g.dw_h = v.h1 * g.dh2_raw + v.h0 * g.dh1_raw
h0, w_h, w_y, h1, h2 = v.h0, v.w_h, v.w_y, v.h1, v.h2
dh0_dwh = 0.0
dh1raw_dwh = h0 + w_h * dh0_dwh
dh1_dwh = (1 - h1**2) * dh1raw_dwh
dh2raw_dwh = h1 + w_h * dh1_dwh
dh2_dwh = (1 - h2**2) * dh2raw_dwh
dwy_dwh = 0.0
dy2_dwh = dwy_dwh * h2 + w_y * dh2_dwh
dh2_dwy = 0.0
dy2_dwy = h2 + w_y * dh2_dwy
