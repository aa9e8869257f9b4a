# exercise: cs231n-affine
# The rows of the weights' gradient come in another order, since x was flattened the other way round.

import numpy as np


def affine_forward(x, w, b):
    N = x.shape[0]
    out = np.dot(x.reshape(N, -1), w) + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    N = x.shape[0]
    dx = np.dot(dout, w.T).reshape(x.shape)
    dw = np.dot(x.reshape(N, -1, order="F").T, dout)  #> dw wrong, first
    db = np.sum(dout)  #> db wrong shape
    return dx, dw, db
