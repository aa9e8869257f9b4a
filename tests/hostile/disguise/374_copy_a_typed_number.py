# 374. The same quantity by the name of a number that was typed in
# earns: nothing
# why: a copy of what nobody derived is no better
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
dw_h=123.0
dy2_dwh=dw_h
dw_y=7.0
dy2_dwy=dw_y
