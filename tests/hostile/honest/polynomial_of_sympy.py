import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import sympy as sp
t = sp.symbols('t')
p = sp.Poly((1 - t) * (1 + t), t)
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = float(p.eval(h2)) * dh2
dh1 = w_h * dh2_raw
dh1_raw = float(p.eval(h1)) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
