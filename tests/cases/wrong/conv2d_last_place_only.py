# exercise: conv2d-pool
# An `=` where the places should be added up.

import numpy as np

x = np.random.randn(2, 3, 6, 8)
w = np.random.randn(5, 3, 3, 3)
b = np.random.randn(5)
dout = np.random.randn(2, 5, 2, 3)


def conv_forward(x, w, b):
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    a = np.zeros((N, F, H - HH + 1, W - WW + 1))
    for n in range(N):
        for f in range(F):
            for i in range(a.shape[2]):
                for j in range(a.shape[3]):
                    a[n, f, i, j] = np.sum(x[n, :, i : i + HH, j : j + WW] * w[f]) + b[f]
    return a


def pool_forward(a):
    N, F, H, W = a.shape
    p = np.zeros((N, F, H // 2, W // 2))
    for i in range(H // 2):
        for j in range(W // 2):
            p[:, :, i, j] = np.max(a[:, :, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2], axis=(2, 3))
    return p


def pool_backward(dp, a):
    N, F, H, W = dp.shape
    da = np.zeros_like(a)
    for n in range(N):
        for f in range(F):
            for i in range(H):
                for j in range(W):
                    block = a[n, f, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
                    k, l = np.unravel_index(np.argmax(block), (2, 2))
                    da[n, f, 2 * i + k, 2 * j + l] += dp[n, f, i, j]
    return da


def conv_backward(da, x, w):
    N, F, H, W = da.shape
    db = np.sum(da, axis=(0, 2, 3))
    dw = np.zeros_like(w)
    dx = np.zeros_like(x)
    for n in range(N):
        for f in range(F):
            for i in range(H):
                for j in range(W):
                    dw[f] = da[n, f, i, j] * x[n, :, i : i + 3, j : j + 3]  #> dw wrong, first
                    dx[n, :, i : i + 3, j : j + 3] += da[n, f, i, j] * w[f]
    return dx, dw, db


a = conv_forward(x, w, b)
p = pool_forward(a)
out = np.maximum(0, p)
loss = np.sum(out * dout)
dp = dout * (p > 0)
da = pool_backward(dp, a)
dx, dw, db = conv_backward(da, x, w)
