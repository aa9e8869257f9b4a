# exercise: cs231n-lstm-step
# The slope of tanh is written with the hidden state, which is tanh times a gate, where everything passes through.
# #> dx carried by dprev_c
# #> dprev_h carried by dprev_c
# #> dWx carried by dprev_c
# #> dWh carried by dprev_c
# #> db carried by dprev_c

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    H = prev_h.shape[1]
    a = x @ Wx + prev_h @ Wh + b
    i, f, o = sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H]), sigmoid(a[:, 2 * H : 3 * H])
    g = np.tanh(a[:, 3 * H :])
    next_c = f * prev_c + i * g
    next_h = o * np.tanh(next_c)
    cache = (x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c)
    return next_h, next_c, cache


def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c = cache
    next_h = o * np.tanh(next_c)
    dc = dnext_c + dnext_h * o * (1 - next_h ** 2)  #> dprev_c wrong, first; put (next_h / o)
    do = dnext_h * np.tanh(next_c)
    dprev_c = dc * f
    di, df, dg = dc * g, dc * prev_c, dc * i
    da = np.concatenate((di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g ** 2)), axis=1)
    dx = da @ Wx.T
    dprev_h = da @ Wh.T
    dWx = x.T @ da
    dWh = prev_h.T @ da
    db = da.sum(axis=0)
    return dx, dprev_h, dprev_c, dWx, dWh, db
