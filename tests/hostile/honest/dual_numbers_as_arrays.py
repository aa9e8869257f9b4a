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
def mul(a, b): return np.array([a[0] * b[0], a[0] * b[1] + a[1] * b[0]])
def th(a): t = np.tanh(a[0]); return np.array([t, (1 - t**2) * a[1]])
def con(x): return np.array([x, 0.0])
def f(w): return mul(con(w_y), th(mul(w, th(mul(w, con(h0))))))
def run(g, x): return g(np.array([x, 0.0]) + np.array([0.0, 1.0]))[1]
dy2 = 1.0
dw_y = run(lambda v: mul(v, con(h2)), w_y)
dh2 = run(lambda v: mul(con(w_y), v), h2)
dh2_raw = run(lambda v: mul(con(w_y), th(v)), h2_raw)
dh1 = run(lambda v: mul(con(w_y), th(mul(con(w_h), v))), h1)
dh1_raw = run(lambda v: mul(con(w_y), th(mul(con(w_h), th(v)))), h1_raw)
dw_h = run(f, w_h)
