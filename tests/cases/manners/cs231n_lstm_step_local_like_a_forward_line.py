# exercise: cs231n-lstm-step
import numpy as np


def sig(t):
    return 1 / (1 + np.exp(-t))


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    a = np.split(x @ Wx + prev_h @ Wh + b, 4, axis=1)
    i, f, o, g = sig(a[0]), sig(a[1]), sig(a[2]), np.tanh(a[3])
    next_c = f * prev_c + i * g
    t = np.tanh(next_c)
    return o * t, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, t)


def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, t = cache
    dc = dnext_c + dnext_h * o * (1 - t * t)
    dz = np.hstack([dc * g * i * (1 - i), dc * prev_c * f * (1 - f), dnext_h * t * o * (1 - o), dc * i * (1 - g * g)])
    return dz @ Wx.T, dz @ Wh.T, dc * f, x.T @ dz, prev_h.T @ dz, dz.sum(0)
