# 539. Values around a weight by a function of one's own: layers in a loop
# earns: dh1raw_dwh
# why: a function that may be a series is a nonlinear one, and each call has its own middle
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
u = np.array([complex(math.cos(a), math.sin(a)) for a in [math.pi * k / 16 for k in range(32)]])
W = np.stack([np.ones(32), u], 1) @ np.array([w_h, 0.25])
s = h0
for _ in range(2):
    s = np.tanh(W * s)
dw_h = (w_y * s / u).mean().real * 4
