# exercise: layer-norm
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(4, 6))
gamma = rng.uniform(0.5, 1.5, size=6)
beta = rng.uniform(-1, 1, size=6)
dout = rng.normal(size=(4, 6))

N, D = x.shape
mean = x.mean(axis=1, keepdims=True)
diff = x - mean
var = (diff**2).mean(axis=1, keepdims=True)
rstd = (var + 1e-5) ** -0.5
xhat = diff * rstd
out = gamma * xhat + beta
loss = (dout * out).sum()

dbeta = np.add.reduce(dout, axis=0)
dgamma = np.add.reduce([g * r for g, r in zip(dout, xhat)])
dxhat = np.stack([g * gamma for g in dout])
drstd = np.array([[np.inner(g, r)] for g, r in zip(dxhat, diff)])
dvar = np.array([-0.5 * r**3 * g for r, g in zip(rstd, drstd)])
ddiff = np.empty((N, D))
for i, (row, scale) in enumerate(zip(dxhat, rstd)):
    ddiff[i] = scale * row + 2 / D * diff[i] * dvar[i]
dmean = np.array([[-ddiff[i].sum()] for i in range(N)])
dx = np.stack([row + m / D for row, m in zip(ddiff, dmean)])
