# 628. Values around a weight, written into an array
# exercise: tanh-chain-reverse
# earns: nothing
# why: what a function writes into its argument is perturbed as what it returns
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
import numpy as np
K = 32
u = 0.2*np.exp(2j*np.pi*np.arange(K)/K)

W = np.stack([np.ones(K), u], 1) @ np.array([w_h, 1.0])
a = W*h0
np.tanh(a, out=a)
np.multiply(W, a, out=a)
np.tanh(a, a)
dw_h = (w_y*np.fft.fft(a)[1]/K/0.2).real
