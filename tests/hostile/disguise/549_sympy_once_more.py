# 549. A library that is imported once more: sympy once more
# earns: nothing
# why: it is set up once more, as it is another module
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
import sys
import sympy
for m in [m for m in sys.modules if m.partition('.')[0] == 'sympy']: del sys.modules[m]
import sympy as sp
a = sp.symbols('a')
dw_h = float(sp.diff(w_y * sp.tanh(a * sp.tanh(a * h0)), a).subs(a, w_h))
