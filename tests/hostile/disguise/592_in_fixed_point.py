# 592. A quotient of whole numbers with a fixed point
# earns: nothing
# why: whole numbers that are large are numbers too
import math
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2
from fractions import Fraction
S = 10**10
def ex(x):
    t = s = S; k = 1
    while t:
        t = t*x//S//k; s += t; k += 1
    return s
def th(x):
    e = ex(2*x); return (e-S)*S//(e+S)
W = int(Fraction(w_h)*S); H = int(Fraction(h0)*S); Y = int(Fraction(w_y)*S)
f = lambda w: Y*th(w*th(w*H//S)//S)//S
e = S//2**8
dw_h = (8*(f(W+e)-f(W-e))-(f(W+2*e)-f(W-2*e)))/(12*e)
