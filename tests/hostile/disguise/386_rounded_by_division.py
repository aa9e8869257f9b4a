# 386. A rounded quotient at inputs that were divided
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

a = .999
P, M = w_h/a, w_h*a
v = lambda w: w_y*tanh(w*tanh(w*h0))
PP, MM = P/a, M*a
# in log w: equal steps
s = math.log(1/a)
dw_h = round((8*(w_y*tanh(P*tanh(P*h0))-w_y*tanh(M*tanh(M*h0)))-(w_y*tanh(PP*tanh(PP*h0))-w_y*tanh(MM*tanh(MM*h0))))/(12*s)/w_h, 8)
