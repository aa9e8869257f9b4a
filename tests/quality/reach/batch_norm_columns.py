# exercise: batch-norm
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(5, 3))
gamma = rng.uniform(0.5, 1.5, 3)
beta = rng.uniform(-1, 1, 3)
dout = rng.normal(size=(5, 3))

n, d = x.shape
eps = 1e-5
mean = np.array([[x[:, j].mean() for j in range(d)]])
diff = x - mean
diff2 = diff**2
var = diff2.sum(axis=0, keepdims=True) / (n - 1)
inv = (var + eps) ** -0.5
raw = diff * inv
out = gamma * raw + beta
loss = (dout * out).sum()

dgamma, dbeta = np.zeros(d), np.zeros(d)
draw, ddiff2, ddiff, dx = (np.zeros((n, d)) for _ in range(4))
dinv, dvar, dmean = (np.zeros((1, d)) for _ in range(3))
for j in range(d):
    dgamma[j] = np.vdot(dout[:, j], raw[:, j])
    dbeta[j] = sum(dout[i, j] for i in range(n))
    draw[:, j] = np.multiply(dout[:, j], gamma[j])
    dinv[0, j] = np.vdot(draw[:, j], diff[:, j])
    dvar[0, j] = -0.5 * np.power(var[0, j] + eps, -1.5) * dinv[0, j]
    ddiff2[:, j] = np.full(n, dvar[0, j] / (n - 1))
    ddiff[:, j] = np.multiply(2 * diff[:, j], ddiff2[:, j]) + inv[0, j] * draw[:, j]
    dmean[0, j] = -sum(ddiff[i, j] for i in range(n))
    dx[:, j] = ddiff[:, j] + np.repeat(dmean[0, j], n) / n
