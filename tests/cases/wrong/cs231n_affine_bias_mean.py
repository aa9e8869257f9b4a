# exercise: cs231n-affine
# The bias gradient is averaged, and dx does not get its shape back.

import numpy as np


def affine_forward(x, w, b):
    out = x.reshape(len(x), -1).dot(w) + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, _ = cache
    dx = dout.dot(w.T)  #> dx wrong shape, first
    dw = x.reshape(len(x), -1).T.dot(dout)
    db = np.mean(dout, axis=0)  #> db wrong
    return dx, dw, db
