# exercise: tanh-chain-reverse
import numpy as np
h0 = np.float64(0.5)
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2

g = np.zeros(7)
g[0] = 1.0
g[1] = h2 * g[0]
g[2] = w_y * g[0]
g[3] = (1 - h2**2) * g[2]
g[4] = w_h * g[3]
g[5] = (1 - h1**2) * g[4]
g[6] = h1 * g[3] + h0 * g[5]
dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h = g
