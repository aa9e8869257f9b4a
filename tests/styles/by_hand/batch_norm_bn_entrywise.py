# exercise: batch-norm
import numpy as np
rng = np.random.default_rng(2)
x = rng.normal(size=(5, 3)); gamma = rng.uniform(.5, 1.5, 3); beta = rng.normal(size=3); dout = rng.normal(size=(5, 3))
n, m = x.shape
mean = np.zeros((1, m)); var = np.zeros((1, m)); inv = np.zeros((1, m))
diff = np.zeros((n, m)); diff2 = np.zeros((n, m)); raw = np.zeros((n, m)); out = np.zeros((n, m))
dgamma = np.zeros(m); dbeta = np.zeros(m); draw = np.zeros((n, m)); dinv = np.zeros((1, m)); dvar = np.zeros((1, m))
ddiff2 = np.zeros((n, m)); ddiff = np.zeros((n, m)); dmean = np.zeros((1, m)); dx = np.zeros((n, m))
for j in range(m):
    for i in range(n):
        mean[0, j] += x[i, j] / n
    for i in range(n):
        diff[i, j] = x[i, j] - mean[0, j]
        diff2[i, j] = diff[i, j] ** 2
        var[0, j] += diff2[i, j] / (n - 1)
    inv[0, j] = (var[0, j] + 1e-5) ** -0.5
    for i in range(n):
        raw[i, j] = diff[i, j] * inv[0, j]
        out[i, j] = gamma[j] * raw[i, j] + beta[j]
for j in range(m):
    for i in range(n):
        dgamma[j] += dout[i, j] * raw[i, j]
        dbeta[j] += dout[i, j]
        draw[i, j] = dout[i, j] * gamma[j]
        dinv[0, j] += draw[i, j] * diff[i, j]
    dvar[0, j] = -0.5 * (var[0, j] + 1e-5) ** -1.5 * dinv[0, j]
    for i in range(n):
        ddiff2[i, j] = dvar[0, j] / (n - 1)
        ddiff[i, j] = draw[i, j] * inv[0, j] + 2 * diff[i, j] * ddiff2[i, j]
        dmean[0, j] -= ddiff[i, j]
    for i in range(n):
        dx[i, j] = ddiff[i, j] + dmean[0, j] / n
