# exercise: tanh-chain
import math
from dataclasses import dataclass
h0 = 0.5
w_h = 2.0
w_y = 40.0

h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2


@dataclass
class Forward:
    dh0_dwh: float = 0.0
    dh1raw_dwh: float = 0.0
    dh1_dwh: float = 0.0
    dh2raw_dwh: float = 0.0
    dh2_dwh: float = 0.0
    dwy_dwh: float = 0.0
    dy2_dwh: float = 0.0
    dh2_dwy: float = 0.0
    dy2_dwy: float = 0.0


f = Forward()
f.dh1raw_dwh = h0
f.dh1_dwh = (1 - h1**2) * f.dh1raw_dwh
f.dh2raw_dwh = h1 + w_h * f.dh1_dwh
f.dh2_dwh = (1 - h2**2) * f.dh2raw_dwh
f.dy2_dwh = w_y * f.dh2_dwh
f.dy2_dwy = h2

dy2 = 1.0
dw_y = dy2 * h2
dh2 = dy2 * w_y
dh2_raw = dh2 * (1 - h2**2)
dh1 = dh2_raw * w_h
dh1_raw = dh1 * (1 - h1**2)
dw_h = dh1_raw * h0 + dh2_raw * h1
assert abs(dw_h - f.dy2_dwh) < 1e-9
