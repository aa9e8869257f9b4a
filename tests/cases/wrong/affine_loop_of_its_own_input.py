# exercise: small-affine
# An entry of `x` where the one of `w` is meant, which has other indices.
# #> L missing
import numpy as np


def affine_forward(x, w, b):
    out = np.dot(x, w) + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    N, D = x.shape
    M = w.shape[1]
    dx = np.zeros((N, D))
    dw = np.zeros((D, M))
    db = np.zeros(M)
    for n in range(N):
        for m in range(M):
            db[m] += dout[n, m]
            for d in range(D):
                dx[n, d] += dout[n, m] * x[n, d]  #> dx wrong, first; put w[d, m]
                dw[d, m] += dout[n, m] * x[n, d]
    return dx, dw, db
