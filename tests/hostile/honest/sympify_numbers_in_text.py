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
import sympy
tiny = 1e-7
def slope(x): return float(sympy.sympify(f"1 - tanh({x!r})**2").evalf(20))
dy2 = 1
dw_y = h2
dh2 = w_y
dh2_raw = slope(h2_raw) * dh2
dh1 = w_h * dh2_raw
dh1_raw = slope(h1_raw) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
