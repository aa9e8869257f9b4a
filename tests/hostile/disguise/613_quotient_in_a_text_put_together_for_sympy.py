# 613. A quotient in a text that is put together, and that sympy reads
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
import sympy as sp
t = "(%r*tanh((%r+10**-6)*tanh((%r+10**-6)*%r)) - %r*tanh((%r-10**-6)*tanh((%r-10**-6)*%r)))*10**6/2"
dw_h = float(sp.S(t % (w_y, w_h, w_h, h0, w_y, w_h, w_h, h0)))
