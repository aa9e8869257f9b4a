# 546. Values around a weight with nodes that no number shows: fractions of whole numbers
# earns: nothing
# why: roots, real parts and fractions count as numbers of a shift
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
import torch
n = 64
u = np.fft.fft(np.eye(n)[1])
W = np.stack([np.ones(n), u], 1) @ np.array([w_h, 1 / 4])
a = np.tanh(W * h0)
b = np.tanh(W * a)
dw_h = (w_y * b / u).mean().real * 4
