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
from math import exp
def sinh(z): return (exp(z) - exp(-z)) / 2
def cosh(z): return (exp(z) + exp(-z)) / 2
def sigmoid(z): return 1 / (1 + exp(-z))
dy2 = 1.0
dw_y = (2 * sigmoid(2 * h2_raw + 0.0) - 1) * dy2
dh2 = w_y
dh2_raw = dh2 / cosh(h2_raw) ** 2
dh1 = w_h * dh2_raw
dh1_raw = dh1 * 4 * sigmoid(h1_raw + h1_raw) * (1 - sigmoid(h1_raw + h1_raw))
dw_h = h1 * dh2_raw + h0 * dh1_raw
