# 409. Romberg's scheme, its arguments made by a helper
# earns: nothing
# why: the number around which a function is evaluated one argument at a time is estimated from how far a step moves
import math
from math import tanh
import numpy as np
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2
def at(s): return math.fsum([w_h, s])
vals = {}
for s in (0.1, -0.1, 0.05, -0.05, 0.025, -0.025, 0.0125, -0.0125, 0.00625, -0.00625):
    z = at(s)
    vals[s] = w_y*tanh(z*tanh(z*h0))
R = [(vals[s]-vals[-s])/(2*s) for s in (0.1, 0.05, 0.025, 0.0125, 0.00625)]
m = 4
while len(R) > 1:
    R = [(m*b-a)/(m-1) for a, b in zip(R, R[1:])]
    m *= 4
dw_h = R[0]
