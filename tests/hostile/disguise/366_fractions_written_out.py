# 366. A difference of exact numbers, written out
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

from fractions import Fraction as Q
def exp_(x):
    t=s=Q(1)
    for n in range(1,40):
        t=t*x/n; s+=t
    return s
e=Q(1,10**12)
r=[]
for s in (1,-1):
    w=Q(w_h)+s*e
    u=exp_(2*w*Q(h0)); a=(u-1)/(u+1); a=a.limit_denominator(10**40)
    v=exp_(2*w*a); b=(v-1)/(v+1)
    r.append(Q(w_y)*b)
dw_h=float((r[0]-r[1])/(2*e))
