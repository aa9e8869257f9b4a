# exercise: cs231n-batch-norm
# Gamma is not multiplied in on the way back, and dgamma is made with the wrong array.

import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    mu = x.mean(axis=0)
    xmu = x - mu
    var = np.mean(xmu ** 2, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    out = gamma * xhat + beta
    cache = (xhat, gamma, xmu, ivar, sqrtvar, var, eps)
    return out, cache


def batchnorm_backward(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    N = dout.shape[0]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * xmu, axis=0)  #> dgamma wrong, first
    dx = ivar / N * (N * dout - dout.sum(0) - xhat * (dout * xhat).sum(0))  #> dx wrong
    return dx, dgamma, dbeta
