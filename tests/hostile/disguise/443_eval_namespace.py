# 443. A slope from function values, by another route: eval namespace
# earns: nothing
# why: the function has another slope in one run, whatever evaluates it
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import cmath
code = compile("w_y * tanh(w * tanh(w * h0))", "", "eval")
dw_h = eval(code, dict(tanh=cmath.tanh, w_y=w_y, h0=h0, w=complex(w_h, 1e-30))).imag / 1e-30
