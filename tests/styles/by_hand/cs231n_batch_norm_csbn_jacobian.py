# exercise: cs231n-batch-norm
import numpy as np
def batchnorm_forward(x, gamma, beta, bn_param):
    mu, v = x.mean(0), x.var(0)
    s = np.sqrt(v + bn_param.get("eps", 1e-5))
    xh = (x-mu)/s
    return xh*gamma+beta, (xh, s, gamma)
def batchnorm_backward(dout, cache):
    xh, s, gamma = cache
    n = len(xh)
    dx = np.zeros_like(dout)
    for j in range(xh.shape[1]):
        J = (np.eye(n) - 1/n - np.outer(xh[:, j], xh[:, j])/n)/s[j]
        dx[:, j] = gamma[j]*J @ dout[:, j]
    return dx, (dout*xh).sum(0), dout.sum(0)
