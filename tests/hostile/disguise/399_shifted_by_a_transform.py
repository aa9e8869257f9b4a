# 399. Nodes around a weight, made by a Fourier transform
# earns: nothing
# why: a nonlinear function gets another slope wherever its argument is no known value, whatever made the argument
import math
from math import tanh
import numpy as np
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2
n = 32
z = np.zeros(n, dtype=complex)
z[0] = w_h
z[1] = 0.3
z = np.fft.fft(z)
dw_h = float(np.real(np.fft.ifft(w_y*np.tanh(z*np.tanh(z*h0)))[1])/0.3)
