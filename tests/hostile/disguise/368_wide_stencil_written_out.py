# 368. Eight points far apart, written out
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
e=0.01
p1=w_y*tanh((w_h+1*e)*tanh((w_h+1*e)*h0))
m1=w_y*tanh((w_h-1*e)*tanh((w_h-1*e)*h0))
p2=w_y*tanh((w_h+2*e)*tanh((w_h+2*e)*h0))
m2=w_y*tanh((w_h-2*e)*tanh((w_h-2*e)*h0))
p3=w_y*tanh((w_h+3*e)*tanh((w_h+3*e)*h0))
m3=w_y*tanh((w_h-3*e)*tanh((w_h-3*e)*h0))
p4=w_y*tanh((w_h+4*e)*tanh((w_h+4*e)*h0))
m4=w_y*tanh((w_h-4*e)*tanh((w_h-4*e)*h0))
dw_h=(4/5*(p1-m1)-1/5*(p2-m2)+4/105*(p3-m3)-1/280*(p4-m4))/e
