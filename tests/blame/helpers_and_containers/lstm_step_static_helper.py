# exercise: cs231n-lstm-step
import numpy as np


class Gate:
    def __init__(self, a):
        self.out = 1 / (1 + np.exp(-a))

    def back(self, arriving):
        return self.out * arriving  #> guilty


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    a = x @ Wx + prev_h @ Wh + b
    a_i, a_f, a_o, a_g = np.split(a, 4, axis=1)
    i, f, o, g = Gate(a_i), Gate(a_f), Gate(a_o), np.tanh(a_g)
    next_c = f.out * prev_c + i.out * g
    squashed = np.tanh(next_c)
    next_h = o.out * squashed
    return next_h, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, squashed)


def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, squashed = cache
    dc = dnext_c + o.out * (1 - squashed**2) * dnext_h
    dprev_c = f.out * dc
    da = np.concatenate(
        [i.back(g * dc), f.back(prev_c * dc), o.back(squashed * dnext_h), (1 - g**2) * i.out * dc], axis=1
    )
    return da @ Wx.T, da @ Wh.T, dprev_c, x.T @ da, prev_h.T @ da, da.sum(axis=0)
