# exercise: cs231n-affine
# x has three axes: the product raises, and that is the one mistake: what comes before and after it is judged.

import numpy as np


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], w.shape[0]) @ w + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    dx, dw, db = None, None, None
    dx = np.dot(dout, w.T).reshape(x.shape)
    dw = np.dot(x.T, dout.T)  #> dw wrong raised, first
    db = np.sum(dout, axis=0)
    return dx, dw, db
