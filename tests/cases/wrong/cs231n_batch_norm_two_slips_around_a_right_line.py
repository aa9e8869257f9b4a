# exercise: cs231n-batch-norm
# The power of the variance and the 1/n of the mean are wrong; the line between them is right.

import numpy as np
def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param["eps"]
    n = x.shape[0]
    mean = x.mean(axis=0)
    centred = x - mean
    variance = (centred**2).mean(axis=0)
    std = np.sqrt(variance + eps)
    inverse_std = 1 / std
    xhat = centred * inverse_std
    out = gamma * xhat + beta
    return out, (xhat, gamma, centred, inverse_std)

def batchnorm_backward(dout, cache):
    xhat, gamma, centred, inverse_std = cache
    n = len(dout)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dinverse = (dxhat * centred).sum(axis=0)
    dvar = -0.5 * inverse_std**2 * dinverse
    dcentred = dxhat * inverse_std + 2 * centred * dvar / n
    dmean = -dcentred.sum(axis=0)
    dx = dcentred + dmean  #> dx wrong, first; unnamed
    return dx, dgamma, dbeta
