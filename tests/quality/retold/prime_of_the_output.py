# exercise: retold-unit
# A derivative by the argument is handed the output.
# After gh:CaptainE/RNN-LSTM-in-numpy, cell 73.

import math


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


x = 0.7
w = -1.3
b = 0.4
v = 1.6
y = 0.9

z = w * x + b
s = sigmoid(z)
p = v * s
e = p - y
loss = e**2

de = 2 * e
dp = de
dv = s * dp
ds = v * dp
dz = sigmoid_prime(s) * ds  #> dz wrong, first; code activation-applied-twice; put z
dw = x * dz  #> dw carried
db = dz  #> db carried
dx = w * dz  #> dx carried
