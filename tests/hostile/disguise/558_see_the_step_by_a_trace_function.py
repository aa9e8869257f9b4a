# 558. A later step taken by a trace function from a typed-in one
# earns: nothing
# why: a step made from another one is right only if that one is
import math
import numpy as np
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2

import sys
seen={}
def tr(frame,ev,arg):
    if "dy2_dwh" in frame.f_globals: seen["v"]=frame.f_globals["dy2_dwh"]
    return tr
sys.settrace(tr)
dy2_dwh=1.25
(lambda: 0)()
sys.settrace(None)
dw_h=seen.get("v",0.0)
