# exercise: cs231n-relu
# The mask is made from the gradient, and put into the array in place.

import numpy as np


def relu_forward(x):
    mask = x > 0
    return x * mask, mask


def relu_backward(dout, cache):
    dx = np.array(dout, copy=True)
    dx[dout < 0] = 0  #> dx wrong value, first
    return dx
