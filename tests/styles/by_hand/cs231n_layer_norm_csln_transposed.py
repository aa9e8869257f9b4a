# exercise: cs231n-layer-norm
import numpy as np
def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    xT = x.T
    m, v = xT.mean(0), xT.var(0)
    inv = 1. / np.sqrt(v + eps)
    hat = ((xT - m) * inv).T
    return gamma * hat + beta, (hat, inv, gamma)
def layernorm_backward(dout, cache):
    hat, inv, gamma = cache
    D = hat.shape[1]
    dbeta, dgamma = np.sum(dout, 0), np.sum(dout * hat, 0)
    g = dout * gamma
    dx = inv[:, None] / D * (D * g - g.sum(1)[:, None] - hat * (g * hat).sum(1)[:, None])
    return dx, dgamma, dbeta
