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
J1 = np.array([[1 - h1**2]])
J2 = np.diag([1 - h2**2])
dy2 = 1.0
dw_y = (np.array([[h2]]) * dy2).item()
dh2 = (np.array([[w_y]])).item()
dh2_raw = (np.array([[dh2]]) @ J2).item()
dh1 = (np.array([[dh2_raw]]) @ np.array([[w_h]])).item()
dh1_raw = (np.array([[dh1]]) @ J1).item()
dw_h = float(np.einsum('i,i->', [dh1_raw, dh2_raw], [h0, h1]))
