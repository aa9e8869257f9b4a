# exercise: cs231n-affine
import numpy as np


def affine_forward(x, w, b):
    N = x.shape[0]
    rows = np.reshape(x, (N, -1))
    out = np.array([[np.dot(rows[n], w[:, m]) + b[m] for m in range(w.shape[1])] for n in range(N)])
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    N, M = dout.shape
    rows = np.reshape(x, (N, -1))
    D = rows.shape[1]
    flat = np.zeros((N, D))
    dw = np.zeros(w.shape)
    db = np.zeros(M)
    for n in range(N):
        for m in range(M):
            flat[n] += dout[n, m] * w[:, m]
            dw[:, m] += dout[n, m] * rows[n]
        db += dout[n]
    dx = np.reshape(flat, x.shape)
    return dx, dw, db
