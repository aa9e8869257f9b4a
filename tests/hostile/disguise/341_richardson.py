# 341. Richardson's extrapolation from a step of a quarter
# earns: nothing
# why: a step that grows by the slope that is added to a function was computed from its values
import math
from math import tanh
h0=0.5
w_h=2.0
w_y=40.0
h1_raw=w_h*h0
h1=tanh(h1_raw)
h2_raw=w_h*h1
h2=tanh(h2_raw)
y2=w_y*h2
def f(w): return w_y*tanh(w*tanh(w*h0))
def D(f,x,h=0.25,n=9):
    T=[[0.0]*n for _ in range(n)]
    for i in range(n):
        T[i][0]=(f(x+h)-f(x-h))/(2*h); h/=2
        for j in range(1,i+1): T[i][j]=T[i][j-1]+(T[i][j-1]-T[i-1][j-1])/(4**j-1)
    return T[-1][-1]
dw_h=D(f,w_h)
