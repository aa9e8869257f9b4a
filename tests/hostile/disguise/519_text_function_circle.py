# 519. Values around a weight in a text that is executed: text function circle
# earns: nothing
# why: what a program executes as text gets other slopes too
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
ns = {}
exec("""
import cmath
def g(w, h0, w_y):
    return w_y * cmath.tanh(w * cmath.tanh(w * h0))
""", ns)
import cmath
u = [cmath.exp(2j * math.pi * k / 32) for k in range(32)]
dw_h = sum(ns['g'](sum([w_h, c / 4]), h0, w_y) / c for c in u).real / 8
