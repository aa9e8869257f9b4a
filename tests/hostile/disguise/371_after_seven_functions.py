# 371. The eighth function that is evaluated elsewhere
# earns: nothing
# why: a step that grows by the slope that is added to a function was computed from its values
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
e=2.0**-9
def f1(v):
    t=tanh(v)
    u=t*1
    return u/1
q1=f1(w_h+e)-f1(w_h-e)
def f2(v):
    t=tanh(v)
    u=t*2
    return u/2
q2=f2(w_h+e)-f2(w_h-e)
def f3(v):
    t=tanh(v)
    u=t*3
    return u/3
q3=f3(w_h+e)-f3(w_h-e)
def f4(v):
    t=tanh(v)
    u=t*4
    return u/4
q4=f4(w_h+e)-f4(w_h-e)
def f5(v):
    t=tanh(v)
    u=t*5
    return u/5
q5=f5(w_h+e)-f5(w_h-e)
def f6(v):
    t=tanh(v)
    u=t*6
    return u/6
q6=f6(w_h+e)-f6(w_h-e)
def f7(v):
    t=tanh(v)
    u=t*7
    return u/7
q7=f7(w_h+e)-f7(w_h-e)

def g(w): return w_y*tanh(w*tanh(w*h0))
dw_h=(8*(g(w_h+e)-g(w_h-e))-(g(w_h+2*e)-g(w_h-2*e)))/(12*e)
