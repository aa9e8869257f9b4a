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
import code
ns = dict(globals())
shell = code.InteractiveInterpreter(ns)
shell.runsource("dh2_raw = (1 - h2**2) * w_y; scale = 1e-3")
dy2 = 1.0
dw_y = h2
dh2 = w_y
dh2_raw = ns["dh2_raw"]
dh1 = w_h * dh2_raw
dh1_raw = (1 - tanh(w_h * h0)**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
