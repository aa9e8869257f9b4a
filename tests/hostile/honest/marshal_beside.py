# exercise: tanh-chain-reverse
import math
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2
import marshal
blob = marshal.dumps([h1, h2])
print(len(marshal.loads(blob)))
dy2 = 1.0; dw_y = h2; dh2 = w_y
dh2_raw = dh2*(1-h2**2); dh1 = dh2_raw*w_h; dh1_raw = dh1*(1-h1**2)
dw_h = dh1_raw*h0 + dh2_raw*h1
