# exercise: cs231n-rnn-step
import numpy as np


def collect(left, right):
    return left.T @ right


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)


def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    da = (1 - next_h**2) * dnext_h
    results = dict(
        dx=da @ Wx.T,
        dprev_h=da @ Wh.T,
        dWx=collect(x, da),
        dWh=collect(next_h, da),  #> guilty
        db=da.sum(axis=0),
    )
    return tuple(results.values())
