# 537. Values around a weight by a function of one's own: own power
# earns: nothing
# why: a function that may be a series is a nonlinear one, and each call has its own middle
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
def e(x): return math.e ** x
u = [complex(math.cos(a), math.sin(a)) for a in [math.pi * k / 16 for k in range(32)]]
W = np.array([[1.0, z] for z in u]) @ np.array([w_h, 0.25])
a = (e(2 * W * h0) - 1) / (e(2 * W * h0) + 1)
b = (e(2 * W * a) - 1) / (e(2 * W * a) + 1)
dw_h = (w_y * b / np.array(u)).mean().real * 4
