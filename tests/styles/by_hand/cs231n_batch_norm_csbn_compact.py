# exercise: cs231n-batch-norm
import numpy as np
def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    if bn_param["mode"] != "train":
        raise NotImplementedError
    mu = x.mean(axis=0); xc = x - mu
    var = np.mean(xc**2, axis=0); std = np.sqrt(var + eps)
    xn = xc / std
    bn_param["running_mean"] = 0.9 * bn_param.get("running_mean", np.zeros(x.shape[1])) + 0.1 * mu
    return gamma * xn + beta, (xn, xc, std, gamma)
def batchnorm_backward(dout, cache):
    xn, xc, std, gamma = cache
    N = dout.shape[0]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xn).sum(axis=0)
    dxn = dout * gamma
    dxc = dxn / std
    dstd = -(dxn * xc / std**2).sum(axis=0)
    dvar = 0.5 * dstd / std
    dxc += (2.0 / N) * xc * dvar
    dmu = dxc.sum(axis=0)
    dx = dxc - dmu / N
    return dx, dgamma, dbeta
