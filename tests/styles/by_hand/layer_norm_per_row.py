# exercise: layer-norm
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(4, 6))
gamma = rng.uniform(0.5, 1.5, size=6)
beta = rng.uniform(-1, 1, size=6)
dout = rng.normal(size=(4, 6))

N, D = x.shape
mean, var, rstd = np.zeros((N, 1)), np.zeros((N, 1)), np.zeros((N, 1))
diff, xhat, out = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
for i in range(N):
    mean[i] = x[i].mean()
    diff[i] = x[i] - mean[i]
    var[i] = (diff[i] ** 2).mean()
    rstd[i] = 1 / np.sqrt(var[i] + 1e-5)
    xhat[i] = diff[i] * rstd[i]
    out[i] = gamma * xhat[i] + beta
loss = (dout * out).sum()

dbeta = np.zeros(D)
dgamma = np.zeros(D)
dxhat, ddiff, dx = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
drstd, dvar, dmean = np.zeros((N, 1)), np.zeros((N, 1)), np.zeros((N, 1))
for i in range(N):
    g = dout[i]
    dbeta += g
    dgamma += g * xhat[i]
    dxhat[i] = g * gamma
    drstd[i] = dxhat[i] @ diff[i]
    dvar[i] = -0.5 * rstd[i] ** 3 * drstd[i]
    ddiff[i] = dxhat[i] * rstd[i] + dvar[i] * 2 / D * diff[i]
    dmean[i] = -ddiff[i].sum()
    dx[i] = ddiff[i] + dmean[i] / D
