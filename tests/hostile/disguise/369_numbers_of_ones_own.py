# 369. Values at eight places carried along by a class of numbers
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

class Vec(list):
    def __mul__(s,o): return Vec(x*y for x,y in zip(s,o)) if isinstance(o,Vec) else Vec(x*o for x in s)
    __rmul__=__mul__
    def tanh(s): return Vec(map(math.tanh,s))
e=2.0**-5
p=Vec(w_h+k*e for k in (-4,-3,-2,-1,1,2,3,4))
q=w_y*(p*(p*h0).tanh()).tanh()
dw_h=sum(c*v for c,v in zip((1/280,-4/105,1/5,-4/5,4/5,-1/5,4/105,-1/280),q))/e
