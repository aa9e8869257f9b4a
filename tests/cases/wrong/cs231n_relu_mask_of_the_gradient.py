# exercise: cs231n-relu
# The rectifier is applied to what comes back.

import numpy as np


def relu_forward(x):
    out = np.maximum(0, x)
    cache = x
    return out, cache


def relu_backward(dout, cache):
    dx, x = None, cache
    dx = np.maximum(0, dout)  #> dx wrong value, first
    return dx
