# 562. Steps solved for out of later ones that were typed in
# earns: nothing
# why: a step that is solved for out of a later one was not derived
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

dy2_dwh = 3.0
dw_h = 2.0
dh2_dwh = dy2_dwh / w_y
dh2raw_dwh = dh2_dwh / (1 - h2**2)
dh1_dwh = (dh2raw_dwh - h1) / w_h
