# 448. A slope from function values, by another route: fft circle
# earns: nothing
# why: the function has another slope in one run, whatever evaluates it
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import numpy as np
z = w_h + 0.3 * np.exp(2j * np.pi * np.arange(64) / 64)
dw_h = np.fft.fft(w_y * np.tanh(z * np.tanh(z * h0)))[1].real / 64 / 0.3
