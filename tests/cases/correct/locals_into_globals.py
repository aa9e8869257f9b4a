# exercise: batch-norm
# The whole in one function with locals of the same names, then the same names at the top as None placeholders.
import numpy as np
dgamma = dbeta = draw = dinv = dvar = ddiff2 = ddiff = dmean = dx = None
def bn(x, gamma, beta, dout):
    N = x.shape[0]
    mean = x.mean(0, keepdims=True); diff = x - mean; diff2 = diff * diff
    var = diff2.sum(0, keepdims=True) / (N - 1)
    inv = 1 / np.sqrt(var + 1e-5)
    raw = diff * inv
    out = gamma * raw + beta
    dbeta = dout.sum(axis=0)
    dgamma = (dout * raw).sum(axis=0)
    draw = dout * gamma
    dinv = (draw * diff).sum(0, keepdims=True)
    dvar = -0.5 * dinv * inv ** 3
    ddiff2 = np.ones_like(diff2) * dvar / (N - 1)
    ddiff = draw * inv + 2 * diff * ddiff2
    dmean = -ddiff.sum(0, keepdims=True)
    dx = ddiff + dmean / N
    return locals()
x = np.random.randn(5, 3); gamma = np.random.rand(3); beta = np.random.rand(3); dout = np.random.randn(5, 3)
r = bn(x, gamma, beta, dout)
globals().update({k: v for k, v in r.items() if k.startswith("d")})
