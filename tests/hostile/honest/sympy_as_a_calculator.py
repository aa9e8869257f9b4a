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
a, b, c = sympy.symbols("a b c")
local = sympy.lambdify(a, 1 - a**2, "math")
expr = (1 - a**2) * b
dy2 = 1.0
dw_y = h2
dh2 = w_y
dh2_raw = float(expr.subs({a: h2, b: dh2}))
dh1 = w_h * dh2_raw
dh1_raw = local(h1) * dh1
dw_h = float(sympy.simplify(a * b + c).subs({a: h1, b: dh2_raw, c: h0 * dh1_raw}))
