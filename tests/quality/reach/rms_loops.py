# exercise: rms-norm
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(4, 6))
gamma = rng.uniform(0.5, 1.5, size=6)
dout = rng.normal(size=(4, 6))
N, D = x.shape
ms = np.zeros((N, 1))
r = np.zeros((N, 1))
xhat = np.zeros((N, D))
out = np.zeros((N, D))
for n in range(N):
    ms[n, 0] = sum(x[n, j] ** 2 for j in range(D)) / D
    r[n, 0] = 1 / np.sqrt(ms[n, 0] + 1e-5)
    for j in range(D):
        xhat[n, j] = x[n, j] * r[n, 0]
        out[n, j] = gamma[j] * xhat[n, j]
loss = (dout * out).sum()

dgamma = np.zeros(D)
dxhat = np.zeros((N, D))
dr = np.zeros((N, 1))
dms = np.zeros((N, 1))
dx = np.zeros((N, D))
for n in range(N):
    for j in range(D):
        dgamma[j] += dout[n, j] * xhat[n, j]
        dxhat[n, j] = dout[n, j] * gamma[j]
    dr[n, 0] = sum(dxhat[n, j] * x[n, j] for j in range(D))
    dms[n, 0] = -0.5 * (ms[n, 0] + 1e-5) ** -1.5 * dr[n, 0]
    for j in range(D):
        dx[n, j] = dxhat[n, j] * r[n, 0] + dms[n, 0] * 2 * x[n, j] / D
