# 405. A contour integral that sets an attribute before each call
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
class Net:
    def __init__(self, w): self.w = w
    def __call__(self): return w_y*np.tanh(self.w*np.tanh(self.w*h0))
net = Net(w_h)
s = 0
for k in nodes:
    net.w = np.sum((w_h, k))
    s = s + net()/k
dw_h = float(s.real)/n
