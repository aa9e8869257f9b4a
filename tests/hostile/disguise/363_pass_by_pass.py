# 363. Both sides of a difference in the passes of a loop
# earns: nothing
# why: what is computed from something shifted gets another slope, and the step shows it
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
e=1e-5
ys=[]
for s in (1,-1):
    w=w_h+s*e
    a=tanh(w*h0)
    b=tanh(w*a)
    ys.append(w_y*b)
dw_h=round((ys[0]-ys[1])/(2*e),7)
