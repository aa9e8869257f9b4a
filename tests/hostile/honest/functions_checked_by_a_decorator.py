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

def checked(num):
    def wrap(g):
        def inner(*a):
            out=g(*a)
            assert abs(out-num(*a))<1e-4*max(1,abs(out)), g.__name__
            return out
        return inner
    return wrap
def nd(f,x,e=1e-6): return (f(x+e)-f(x-e))/(2*e)
@checked(lambda x: nd(tanh,x))
def dtanh(x): return 1-tanh(x)**2
dy2=1.0
dw_y=h2
dh2=w_y
dh2_raw=dtanh(h2_raw)*dh2
dh1=w_h*dh2_raw
dh1_raw=dtanh(h1_raw)*dh1
dw_h=h1*dh2_raw+h0*dh1_raw
