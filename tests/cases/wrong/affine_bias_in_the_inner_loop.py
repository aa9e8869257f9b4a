# exercise: small-affine
# The bias is added once for each feature.
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
            for d in range(D):
                db[m] += dout[n, m]  #> db wrong, first
                dx[n, d] += dout[n, m] * w[d, m]
                dw[d, m] += dout[n, m] * x[n, d]
    return dx, dw, db
