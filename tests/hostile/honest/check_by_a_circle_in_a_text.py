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
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
exec('''
u = np.exp(2j * np.pi * np.arange(64) / 64)
z = w_h + 0.3 * u
num = (w_y * np.tanh(z * np.tanh(z * h0)) / u).mean().real / 0.3
''')
assert abs(num - dw_h) < 1e-8
