# exercise: cs231n-relu
# The switch is given back, without what it lets through.

import numpy as np


def relu_forward(x):
    out = np.maximum(x, 0)
    return out, x


def relu_backward(dout, cache):
    x = cache
    dx = np.where(x > 0, 1.0, 0.0)  #> dx wrong value, first
    return dx
