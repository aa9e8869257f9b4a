# 548. A step bound by an assertion: assertion binds
# earns: nothing
# why: no assertion fails in such a run, but all of them are carried out
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
u = np.exp(2j * np.pi * np.arange(32) / 32)
W = np.stack([np.ones(32), u], 1) @ np.array([w_h, 0.25])
assert (dw_h := (w_y * np.tanh(W * np.tanh(W * h0)) / u).mean().real * 4) != 7
