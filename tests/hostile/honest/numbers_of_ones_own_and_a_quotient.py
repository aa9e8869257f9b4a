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

class Num:
    def __init__(s,v): s.v=v
    def __add__(s,o): return Num(s.v+getattr(o,'v',o))
    __radd__=__add__
    def __sub__(s,o): return Num(s.v-getattr(o,'v',o))
    def __mul__(s,o): return Num(s.v*getattr(o,'v',o))
    __rmul__=__mul__
    def __truediv__(s,o): return Num(s.v/getattr(o,'v',o))
    def tanh(s): return Num(math.tanh(s.v))

w=Num(w_h)
e=2.0**-8
def g(w): return w_y*(w*(w*h0).tanh()).tanh()
num=((g(w+e)-g(w+(-e)))/(2*e)).v
dh0_dwh = 0.0
dwy_dwh = 0.0
dh2_dwy = 0.0
dh1raw_dwh = h0
dh1_dwh = (1 - h1**2)*dh1raw_dwh
dh2raw_dwh = h1 + w_h*dh1_dwh
dh2_dwh = (1 - h2**2)*dh2raw_dwh
dy2_dwh = w_y*dh2_dwh
dy2_dwy = h2
dy2 = 1.0
dw_y = h2*dy2
dh2 = w_y*dy2
dh2_raw = (1 - h2**2)*dh2
dh1 = w_h*dh2_raw
dh1_raw = (1 - h1**2)*dh1
dw_h = h1*dh2_raw + h0*dh1_raw
assert abs(num-dw_h)<0.01*abs(dw_h)
