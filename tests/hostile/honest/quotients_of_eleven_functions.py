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
def f8(v):
    t=tanh(v)
    u=t*8
    return u/8
q8=f8(w_h+e)-f8(w_h-e)
def f9(v):
    t=tanh(v)
    u=t*9
    return u/9
q9=f9(w_h+e)-f9(w_h-e)
def f10(v):
    t=tanh(v)
    u=t*10
    return u/10
q10=f10(w_h+e)-f10(w_h-e)
def f11(v):
    t=tanh(v)
    u=t*11
    return u/11
q11=f11(w_h+e)-f11(w_h-e)
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
