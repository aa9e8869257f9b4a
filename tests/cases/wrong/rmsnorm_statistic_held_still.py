# exercise: rms-norm
# The root mean square is taken for a number that does not depend on the input: its path is left out, and `dms` is there.

import numpy as np

x = np.random.randn(4, 6)
gamma = np.random.randn(6)
dout = np.random.randn(4, 6)

N, D = x.shape
ms = np.zeros((N, 1))
r = np.zeros((N, 1))
xhat = np.zeros((N, D))
for i in range(N):
    ms[i] = np.mean(x[i] ** 2)
    r[i] = 1 / np.sqrt(ms[i] + 1e-5)
    xhat[i] = x[i] * r[i]
out = xhat * gamma
loss = np.sum(out * dout)

dgamma = np.zeros(D)
dxhat = np.zeros((N, D))
dr = np.zeros((N, 1))
dms = np.zeros((N, 1))
dx = np.zeros((N, D))
for i in range(N):
    dgamma += dout[i] * xhat[i]
    dxhat[i] = dout[i] * gamma
    dr[i] = np.dot(dxhat[i], x[i])
    dms[i] = -dr[i] * r[i] ** 3 / 2
    dx[i] = dxhat[i] * r[i]  #> dx wrong, first; code shared-weight-contribution-missing
