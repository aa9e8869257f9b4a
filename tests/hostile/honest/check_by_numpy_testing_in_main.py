import numpy as np
from numpy import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2

def f(w): return w_y*np.tanh(w*np.tanh(w*h0))
def num(g,x,e=1e-6): return (g(x+e)-g(x-e))/(2*e)
def check(name,mine,g,x): np.testing.assert_allclose(mine,num(g,x),rtol=1e-5); print(name,"ok")
def main():
    global dy2,dw_y,dh2,dh2_raw,dh1,dh1_raw,dw_h
    dy2=1.0; dw_y=h2*dy2; dh2=w_y*dy2
    check("dh2",dh2,lambda v: w_y*v,h2)
    dh2_raw=(1-h2**2)*dh2
    check("dh2_raw",dh2_raw,lambda v: w_y*np.tanh(v),h2_raw)
    dh1=w_h*dh2_raw
    check("dh1",dh1,lambda v: w_y*np.tanh(w_h*v),h1)
    dh1_raw=(1-h1**2)*dh1
    check("dh1_raw",dh1_raw,lambda v: w_y*np.tanh(w_h*np.tanh(v)),h1_raw)
    dw_h=h1*dh2_raw+h0*dh1_raw
    check("dw_h",dw_h,f,w_h)
main()
