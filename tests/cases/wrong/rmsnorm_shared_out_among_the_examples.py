# exercise: rms-norm
# The mean was taken over the features, and what comes back is shared out among the examples.

import numpy as np

x = np.random.randn(4, 6)
gamma = np.random.randn(6)
dout = np.random.randn(4, 6)


def rmsnorm(x, gamma):
    ms = np.mean(np.square(x), axis=1, keepdims=True)
    r = 1 / np.sqrt(ms + 1e-5)
    xhat = x * r
    return gamma * xhat, (x, gamma, ms, r, xhat)


def rmsnorm_backward(dout, cache):
    x, gamma, ms, r, xhat = cache
    features = x.shape[0]  #> dx wrong, first; code summand-constant-wrong
    grads = {}
    grads["gamma"] = np.einsum("ij,ij->j", dout, xhat)
    grads["xhat"] = dout * gamma
    grads["r"] = np.sum(grads["xhat"] * x, axis=1, keepdims=True)
    grads["ms"] = -grads["r"] * r / (ms + 1e-5) / 2
    grads["x"] = grads["xhat"] * r + x * grads["ms"] * 2 / features
    return grads


out, cache = rmsnorm(x, gamma)
loss = np.sum(dout * out)
grads = rmsnorm_backward(dout, cache)
