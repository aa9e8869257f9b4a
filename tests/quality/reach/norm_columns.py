# exercise: batch-norm
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(5, 3))
gamma = rng.uniform(0.5, 1.5, size=3)
beta = rng.uniform(size=3)
dout = rng.normal(size=(5, 3))
n, d = x.shape
mean = x.sum(axis=0, keepdims=True) / n
diff = x - mean
diff2 = diff * diff
var = diff2.sum(axis=0, keepdims=True) / (n - 1)
inv = 1 / np.sqrt(var + 1e-5)
raw = diff * inv
out = raw * gamma + beta
loss = (out * dout).sum()

dbeta, dgamma = np.zeros(d), np.zeros(d)
for i in range(n):
    dbeta += dout[i]
    dgamma += raw[i] * dout[i]
draw = np.array([dout[i] * gamma for i in range(n)])
dinv = np.zeros((1, d))
for j in range(d):
    for i in range(n):
        dinv[0, j] += draw[i, j] * diff[i, j]
dvar = -0.5 * inv**3 * dinv
ddiff2 = np.zeros_like(diff2)
ddiff = np.zeros_like(diff)
for i in range(n):
    ddiff2[i] = dvar[0] / (n - 1)
    ddiff[i] = draw[i] * inv[0] + 2 * diff[i] * ddiff2[i]
dmean = -np.array([[sum(ddiff[i, j] for i in range(n)) for j in range(d)]])
dx = np.array([[ddiff[i, j] + dmean[0, j] / n for j in range(d)] for i in range(n)])
