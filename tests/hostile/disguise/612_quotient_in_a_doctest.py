# 612. A quotient in a doctest
# earns: nothing
# why: what a library carries out as text for the program gets other slopes too
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
import doctest
box = []
doc = """
>>> e = 1e-6
>>> box.append((w_y * tanh((w_h + e) * tanh((w_h + e) * h0)) - w_y * tanh((w_h - e) * tanh((w_h - e) * h0))) / (2 * e))
"""
t = doctest.DocTestParser().get_doctest(doc, dict(globals()), 'x', None, 0)
doctest.DocTestRunner(verbose=False).run(t, out=lambda s: None)
dw_h = box[0]
