import math
import numpy as np
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2
W = [w_h, w_h]
hs, zs = [h0], []
for w in W:
    zs.append(w * hs[-1])
    hs.append(np.tanh(zs[-1]))
g = w_y * 1.0
dw_h = 0.0
for t in (1, 0):
    g = g * (1 - hs[t + 1]**2)
    dw_h = dw_h + g * hs[t]
    g = g * W[t]
dy2 = 1.0
dw_y = h2
dh2 = w_y
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
dh1_raw = (1 - h1**2) * dh1
for eps in (1e-3, 1e-5):
    q = (w_y * np.tanh((w_h + eps) * np.tanh((w_h + eps) * h0)) - y2) / eps
    print(eps, abs(q - dw_h))
