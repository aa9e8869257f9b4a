# exercise: cs231n-batch-norm
# The variance is divided by N - 1 on the way forwards; the gradient of beta is averaged.
# #> L carried

import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    mu = np.mean(x, axis=0)
    var = np.var(x, axis=0, ddof=1)  #> out wrong, first
    xhat = (x - mu) / np.sqrt(var + bn_param["eps"])
    out = gamma * xhat + beta
    return out, (gamma, x, bn_param["eps"])


def batchnorm_backward(dout, cache):
    gamma, x, eps = cache
    N = len(x)
    std = np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) / std
    dbeta = dout.mean(axis=0)  #> dbeta wrong
    dgamma = (dout * xhat).sum(axis=0)
    dx = gamma / std / N * (N * dout - dout.sum(axis=0) - xhat * dgamma)
    return dx, dgamma, dbeta
