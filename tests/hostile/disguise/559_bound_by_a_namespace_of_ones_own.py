# 559. A namespace that binds another step along with one
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

class NS(dict):
    def __setitem__(s,k,v):
        super().__setitem__(k,v)
        if k=="dy2_dwh": super().__setitem__("dw_h",v)
exec("dy2_dwh=1.0",globals(),NS())
ns=NS(); exec("dy2_dwh = 1.0",ns)
dw_h=ns["dw_h"]; dy2_dwh=ns["dy2_dwh"]
