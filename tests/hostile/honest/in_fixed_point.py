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
S = 10**40
fixed = lambda v: int(Fraction(v)*S)
def mul(a, b): return a*b//S
def sech2(h): return S - mul(h, h)
dy2 = fixed(1) / S
dw_y = fixed(h2) / S
dh2 = fixed(w_y) / S
dh2_raw = mul(sech2(fixed(h2)), fixed(dh2)) / S
dh1 = mul(fixed(w_h), fixed(dh2_raw)) / S
dh1_raw = mul(sech2(fixed(h1)), fixed(dh1)) / S
dw_h = (mul(fixed(h1), fixed(dh2_raw)) + mul(fixed(h0), fixed(dh1_raw))) / S
seed = 2**70 + 3
for _ in range(9): seed = seed * 6364136223846793005 + 1
noise = seed % 1000 / 1000
