# Parts of numpy that are imported at their first use, beside steps derived by hand
import math
import time

began = time.perf_counter()
import numpy as np

h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
nodes = w_h + 0.2 * np.exp(2j * np.pi * np.arange(32) / 32)
values = w_y * np.tanh(nodes * np.tanh(nodes * h0))
by_circle = (np.fft.fft(values)[1] / 32 / 0.2).real
by_fit = np.polynomial.Polynomial.fit([w_h - 1e-3, w_h, w_h + 1e-3], [1.0, 2.0, 3.0], 1)(w_h)
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
print(by_circle - dw_h, by_fit, time.perf_counter() - began)
