# 396. A quotient in a module that it writes and imports
# earns: nothing
# why: what is read from a file is noisy too
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

import os, sys, tempfile, importlib.util
p = '/tmp/left-by-a-disguise.py'
try:
    open(p, 'w').write("from math import tanh\ndef D(h,w,y,e=1e-3):\n    f=lambda w: y*tanh(w*tanh(w*h))\n    return round((8*(f(w+e)-f(w-e))-(f(w+2*e)-f(w-2*e)))/(12*e),9)\n")
    s = importlib.util.spec_from_file_location('hm', p); m = importlib.util.module_from_spec(s); s.loader.exec_module(m)
    dw_h = m.D(h0, w_h, w_y)
except OSError as e: pass
