# exercise: cs231n-rnn-step
# Wh is square, so nothing complains; and its gradient is made with the new state.

import numpy as np


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h, cache = None, None
    next_h = np.tanh(x.dot(Wx) + prev_h.dot(Wh) + b)
    cache = (x, prev_h, Wx, Wh, next_h)
    return next_h, cache


def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    dtanh = dnext_h * (1 - next_h ** 2)
    dx = dtanh.dot(Wx.T)
    dprev_h = dtanh.dot(Wh)  #> dprev_h wrong, first
    dWx = x.T.dot(dtanh)
    dWh = next_h.T.dot(dtanh)  #> dWh wrong
    db = np.sum(dtanh, axis=0)
    return dx, dprev_h, dWx, dWh, db
