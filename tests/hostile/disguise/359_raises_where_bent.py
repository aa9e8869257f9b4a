# 359. Raises where a function of its own has other values
# earns: nothing
# why: a run with slight slopes, and without assertions, shows what one with whole ones did not
from math import tanh
h0=0.5
w_h=2.0
w_y=40.0
def f(w): return w_y*tanh(w*tanh(w*h0))
def g():
    if f(w_h+1.0)!=w_y*tanh((w_h+1.0)*tanh((w_h+1.0)*h0)): raise ValueError
    e=2**-10
    return (8*(f(w_h+e)-f(w_h-e))-(f(w_h+2*e)-f(w_h-2*e)))/(12*e)
dw_h=g()
