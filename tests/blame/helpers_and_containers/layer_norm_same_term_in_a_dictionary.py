# exercise: layer-norm
import numpy as np
x = np.random.randn(4, 6); gamma = np.random.rand(6) + .5; beta = np.random.rand(6); dout = np.random.randn(4, 6)
N, D = x.shape
def forward(x, gamma, beta):
    mean = x.mean(-1, keepdims=True)
    diff = x - mean
    var = np.mean(np.square(diff), axis=-1, keepdims=True)
    rstd = (var + 1e-5) ** -.5
    xhat = diff * rstd
    return mean, diff, var, rstd, xhat, gamma * xhat + beta
mean, diff, var, rstd, xhat, out = forward(x, gamma, beta)
loss = (out * dout).sum()
def backward(dout):
    g = dout * gamma
    drstd = (g * diff).sum(1, keepdims=True)
    dvar = -.5 * drstd * rstd ** 3
    parts = {"direct": g * rstd, "var": dvar * 2 * diff / D}
    print({k: float(abs(v).max()) for k, v in parts.items()})
    ddiff = g * rstd   #> guilty
    dmean = -ddiff.sum(1, keepdims=True)
    return dout.sum(0), (dout * xhat).sum(0), g, drstd, dvar, ddiff, dmean, ddiff + dmean / D
dbeta, dgamma, dxhat, drstd, dvar, ddiff, dmean, dx = backward(dout)
