# exercise: tanh-chain-reverse
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2

from enum import Enum
class K(Enum):
    dy2 = 1; dw_y = 2; dh2 = 3; dh2_raw = 4; dh1 = 5; dh1_raw = 6; dw_h = 7
d = {}
d[K.dy2] = 1.0
d[K.dw_y] = h2 * d[K.dy2]
d[K.dh2] = w_y * d[K.dy2]
d[K.dh2_raw] = (1 - h2**2) * d[K.dh2]
d[K.dh1] = w_h * d[K.dh2]  #> dh1 wrong, first
d[K.dh1_raw] = (1 - h1**2) * d[K.dh1]
d[K.dw_h] = h1 * d[K.dh2_raw] + h0 * d[K.dh1_raw]
dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h = (d[k] for k in K)
# #> dh1_raw carried
# #> dw_h carried
