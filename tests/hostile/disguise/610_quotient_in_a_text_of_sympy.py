# 610. A quotient in eighty digits, in a text that sympy reads
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
import sympy
t = f"{w_y!r} * tanh(({w_h!r} S 10**-30) * tanh(({w_h!r} S 10**-30) * {h0!r}))"
a = sympy.N(sympy.sympify(t.replace("S", "+"), rational=True), 80)
b = sympy.N(sympy.sympify(t.replace("S", "-"), rational=True), 80)
dw_h = float((a - b) / sympy.Rational(2, 10**30))
