# 382. A difference of decimal numbers, written out
# earns: dw_y
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

from decimal import Decimal as D,getcontext
getcontext().prec=60
def th(x):
    u=(2*x).exp(); return (u-1)/(u+1)
e=D("1e-20"); r=[]
for s in (1,-1):
    w=D(w_h)+s*e
    r.append(D(w_y)*th(w*th(w*D(h0))))
dw_h=float((r[0]-r[1])/(2*e))
