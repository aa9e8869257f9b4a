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
import sympy as sp
H1, H2, A, B, W = sp.symbols("h1 h2 h0 w_y w_h")
d2 = (1 - H2**2) * B
d1 = W * d2 * (1 - H1**2)
at = {H1: h1, H2: h2, A: h0, B: w_y, W: w_h}
dy2 = 1.0
dw_y = h2
dh2 = w_y
dh2_raw = float(d2.subs(at))
dh1 = float((W * d2).subs(at))
dh1_raw = float(d1.subs(at))
dw_h = float((H1 * d2 + A * d1).subs(at))
