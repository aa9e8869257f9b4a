# exercise: cs231n-relu
import numpy as np


def relu_forward(x):
    out = x.copy()
    out[out < 0] = 0
    return out, x


def relu_backward(dout, cache):
    x = cache
    if np.all(x > 0):
        return dout
    if not np.any(x > 0):
        return np.zeros_like(dout)
    dx = np.array(dout)
    dx[x <= 0] = 0
    return dx
