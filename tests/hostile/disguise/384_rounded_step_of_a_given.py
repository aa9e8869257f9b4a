# 384. A rounded quotient with a step made from a given number
# earns: nothing
# why: noise as large as the rounding moves it
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

e = 1e-3*h0
dw_h = round((8*(w_y*tanh((w_h+e)*tanh((w_h+e)*h0))-w_y*tanh((w_h-e)*tanh((w_h-e)*h0)))-(w_y*tanh((w_h+2*e)*tanh((w_h+2*e)*h0))-w_y*tanh((w_h-2*e)*tanh((w_h-2*e)*h0))))/(12*e), 8)
