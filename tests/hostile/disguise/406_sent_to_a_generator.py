# 406. A contour integral of what a generator yields
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
r = 0.3
n = 32
nodes = r*np.exp(2j*np.pi*np.arange(n)/n)
def stream():
    v = None
    while True:
        k = yield v
        w = np.sum((w_h, k))
        v = w_y*np.tanh(w*np.tanh(w*h0))
g = stream()
next(g)
dw_h = float(np.real(np.mean([g.send(k)/k for k in nodes])))
