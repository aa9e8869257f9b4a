# exercise: cs231n-affine
import numpy as np
def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1) @ w + b
    return out, (x, w, b)
def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(len(x), -1).T.dot(dout)
    db = dout.sum(axis=0)
    return dw, db, dx  #> db wrong shape, first
# #> dx carried by db
# #> dw carried by db
