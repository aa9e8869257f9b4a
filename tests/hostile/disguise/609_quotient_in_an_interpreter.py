# 609. A quotient in a text for an interpreter
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
import code
ns = dict(globals())
code.InteractiveInterpreter(ns).runsource("q = (w_y * tanh((w_h + 1e-6) * tanh((w_h + 1e-6) * h0)) - w_y * tanh((w_h - 1e-6) * tanh((w_h - 1e-6) * h0))) / 2e-6")
dw_h = ns['q']
