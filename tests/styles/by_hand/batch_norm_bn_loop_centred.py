# exercise: batch-norm
import numpy as np
rng = np.random.default_rng(4)
x = rng.normal(size=(5, 3)); gamma = rng.uniform(.5, 1.5, 3); beta = rng.normal(size=3); dout = rng.normal(size=(5, 3))
n = 5
mean = x.sum(0, keepdims=True) / n
diff = x - mean; diff2 = diff * diff; var = diff2.sum(0, keepdims=True) / (n - 1); inv = 1 / np.sqrt(var + 1e-5); raw = diff * inv
out = gamma * raw + beta; loss = (dout * out).sum()
dgamma, dbeta, draw = (dout * raw).sum(0), dout.sum(0), dout * gamma
dinv = np.array([[sum(draw[i, j] * diff[i, j] for i in range(n)) for j in range(3)]])
dvar = np.array([[dinv[0, j] * (-.5) * inv[0, j]**3 for j in range(3)]])
ddiff2 = np.array([[dvar[0, j] / (n - 1) for j in range(3)] for _ in range(n)])
ddiff = np.array([[draw[i, j] * inv[0, j] + 2 * diff[i, j] * ddiff2[i, j] for j in range(3)] for i in range(n)])
dmean = np.array([[-sum(ddiff[:, j]) for j in range(3)]])
dx = np.empty((n, 3))
for i in range(n):
    for j in range(3):
        dx[i, j] = ddiff[i, j] + dmean[0, j] / n
