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
g = np.zeros(1, dtype=[("y2", "f8"), ("h2", "f8"), ("h2_raw", "f8"), ("h1", "f8"), ("h1_raw", "f8"), ("w_h", "f8"), ("w_y", "f8")])[0]
g["y2"] = 1
g["w_y"] = h2
g["h2"] = w_y
g["h2_raw"] = (1 - h2**2) * g["h2"]
g["h1"] = w_h * g["h2_raw"]
g["h1_raw"] = (1 - h1**2) * g["h1"]
g["w_h"] = h1 * g["h2_raw"] + h0 * g["h1_raw"]
dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h = (g[k] for k in ("y2", "w_y", "h2", "h2_raw", "h1", "h1_raw", "w_h"))
