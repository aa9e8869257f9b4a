# exercise: cs231n-rnn-step
import numpy as np


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)


def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    before = (1 - next_h**2) * dnext_h
    to_x = before @ Wx.T
    to_h = before @ Wh.T
    to_Wx = x.T @ before
    to_Wh = prev_h.T @ before
    grads = dict(zip(["dx", "dprev_h", "dWx", "dWh", "db"], [to_x, to_h, to_Wx, to_Wh, before]))  #> guilty
    return tuple(grads[name] for name in ("dx", "dprev_h", "dWx", "dWh", "db"))
