# exercise: tanh-chain-reverse
import operator
from functools import reduce
from math import tanh
h0, w_h, w_y = 0.5, 2.0, 40.0
h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2
chain = lambda *factors: reduce(operator.mul, factors, 1.0)
dtanh = lambda out: 1 - out ** 2
dy2 = chain()
dw_y = chain(h2)
dh2 = chain(w_y)
dh2_raw = chain(w_y, dtanh(h2_raw))  #> guilty
dh1 = chain(w_y, dtanh(h2), w_h)
dh1_raw = chain(w_y, dtanh(h2), w_h, dtanh(h1))
dw_h = sum([chain(w_y, dtanh(h2), h1), chain(w_y, dtanh(h2), w_h, dtanh(h1), h0)])
