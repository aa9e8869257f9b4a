# exercise: cs231n-affine
import numpy as np


def affine_forward(x, w, b):
    N = x.shape[0]
    out = np.zeros((N, w.shape[1]))
    for n in range(N):
        out[n] = x[n].ravel() @ w + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(b.shape)
    for n in range(len(x)):
        dx[n] = (w @ dout[n]).reshape(x[n].shape)
        dw += np.outer(x[n].ravel(), dout[n])
        db += dout[n]
    return dx, dw, db


if __name__ == "__main__":
    x = np.linspace(-0.1, 0.5, 24).reshape(2, 3, 4)
    w = np.linspace(-0.2, 0.3, 36).reshape(12, 3)
    out, cache = affine_forward(x, w, np.zeros(3))
    print(affine_backward(out, cache)[2])
