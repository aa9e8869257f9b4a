# exercise: cs231n-layer-norm
import numpy as np


def _norm(x, eps):
    mu = x.mean(0)
    std = np.sqrt(x.var(0) + eps)
    return (x - mu) / std, std


def _norm_backward(d, hat, std):
    n = len(d)
    return (n * d - d.sum(0) - hat * (d * hat).sum(0)) / (n * std)


def layernorm_forward(x, gamma, beta, ln_param):
    # batch norm of the transposed input
    hat, std = _norm(x.T, ln_param.get("eps", 1e-5))
    x_hat = hat.T
    return gamma * x_hat + beta, (x_hat, std, gamma)


def layernorm_backward(dout, cache):
    x_hat, std, gamma = cache
    dx = _norm_backward((dout * gamma).T, x_hat.T, std).T
    dgamma = np.sum(dout * x_hat, axis=0)
    dbeta = np.sum(dout, axis=0)
    return dx, dgamma, dbeta
