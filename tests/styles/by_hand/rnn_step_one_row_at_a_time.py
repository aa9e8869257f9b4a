# exercise: cs231n-rnn-step
import numpy as np


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    a = x.dot(Wx) + prev_h.dot(Wh) + b
    next_h = np.tanh(a)
    return next_h, {"x": x, "prev_h": prev_h, "Wx": Wx, "Wh": Wh, "out": next_h}


def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, out = (cache[k] for k in ("x", "prev_h", "Wx", "Wh", "out"))
    dx, dprev_h = np.zeros_like(x), np.zeros_like(prev_h)
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(Wh.shape[1])
    for n in range(x.shape[0]):
        a = dnext_h[n] * (1 - out[n] ** 2)
        dx[n] = Wx @ a
        dprev_h[n] = Wh @ a
        dWx += np.outer(x[n], a)
        dWh += np.outer(prev_h[n], a)
        db += a
    return dx, dprev_h, dWx, dWh, db
