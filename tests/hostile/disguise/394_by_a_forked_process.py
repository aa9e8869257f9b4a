# 394. A quotient that a forked process computes
# earns: nothing
# why: where no process is started, it is not bound
import math
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2

import os
r, w = os.pipe()
pid = os.fork()
if pid == 0:
    f = lambda w: w_y*tanh(w*tanh(w*h0))
    e = 1e-3
    os.write(w, repr((8*(f(w_h+e)-f(w_h-e))-(f(w_h+2*e)-f(w_h-2*e)))/(12*e)).encode()); os._exit(0)
os.close(w)
dw_h = float(os.read(r, 100)); os.waitpid(pid, 0)
