# exercise: cs231n-rnn-step
import numpy as np


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(np.matmul(x, Wx) + np.matmul(prev_h, Wh) + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)


def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    N, H = dnext_h.shape
    da = np.array([[dnext_h[n, k] * (1 - next_h[n, k] ** 2) for k in range(H)] for n in range(N)])
    dx = np.array([np.inner(Wx, row) for row in da])
    dprev_h = np.array([np.inner(Wh, row) for row in da])
    dWx, dWh = np.zeros_like(Wx), np.zeros_like(Wh)
    for n in range(N):
        dWx += np.outer(x[n], da[n])
        dWh += np.outer(prev_h[n], da[n])
    db = np.array([da[:, k].sum() for k in range(H)])
    return dx, dprev_h, dWx, dWh, db
