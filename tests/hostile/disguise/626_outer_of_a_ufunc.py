# 626. Values around a weight, by the method of a ufunc
# exercise: tanh-chain-reverse
# earns: nothing
# why: a method of a ufunc is a function too
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
p = np.power.outer(np.e, 2*W*h0); a = (p-1)/(p+1)
p = np.power.outer(np.e, 2*W*a); F = w_y*(p-1)/(p+1)
dw_h = (np.fft.fft(F)[1]/K/0.2).real
