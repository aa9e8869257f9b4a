# exercise: cs231n-layer-norm
# All axes of batch normalisation are exchanged, those of gamma and beta too.

import numpy as np


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    mu = np.mean(x, axis=1, keepdims=True)
    var = np.var(x, axis=1, keepdims=True)
    std = np.sqrt(var + eps)
    xhat = (x - mu) / std
    out = gamma * xhat + beta
    cache = (xhat, std, gamma)
    return out, cache


def layernorm_backward(dout, cache):
    xhat, std, gamma = cache
    D = dout.shape[1]
    dbeta = np.sum(dout, axis=1)  #> dbeta wrong shape, first
    dgamma = np.sum(dout * xhat, axis=1)  #> dgamma wrong shape
    dxhat = dout * gamma
    dx = (D * dxhat - dxhat.sum(1, keepdims=True) - xhat * (dxhat * xhat).sum(1, keepdims=True)) / (D * std)
    return dx, dgamma, dbeta
