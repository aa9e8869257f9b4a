# exercise: retold-layer-norm
# The gradients of gain and shift are exchanged.
# After gh:Oneflow-Inc/oneflow#6149.

import numpy as np

rng = np.random.default_rng(8)
D = 5
x = rng.normal(size=(3, D))
gamma = rng.normal(size=D)
beta = rng.normal(size=D)
dy = rng.normal(size=(3, D))

c = x - x.sum(axis=1, keepdims=True) / D
rstd = ((c**2).sum(axis=1, keepdims=True) / D + 1e-5) ** -0.5
xhat = c * rstd
y = xhat * gamma + beta
loss = (y * dy).sum()

dgamma = dy.sum(axis=0)  #> dgamma wrong, first; code outputs-swapped
dbeta = (dy * xhat).sum(axis=0)  #> dbeta wrong; code outputs-swapped
dxhat = dy * gamma
dx = rstd * (dxhat - dxhat.mean(axis=1, keepdims=True) - xhat * (dxhat * xhat).mean(axis=1, keepdims=True))
