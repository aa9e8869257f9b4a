# exercise: batch-norm
# `mean` and `var` are typed in for the draws, and computed afterwards.
import numpy as np

N, D = 5, 3
eps = 1e-5
mean, var = 0.0, 1.0
x = np.random.default_rng(0).normal(mean, var, (N, D))
gamma = np.random.default_rng(1).uniform(0.5, 1.5, D)
beta = np.random.default_rng(2).uniform(-1, 1, D)
dout = np.random.default_rng(3).normal(mean, var, (N, D))
mean = x.mean(0)
diff = x - mean
diff2 = diff**2
var = diff2.sum(0) / (N - 1)
inv = (var + eps) ** -0.5
raw = diff * inv
out = gamma * raw + beta
loss = np.sum(dout * out)
dgamma = np.sum(dout * raw, 0)
dbeta = np.sum(dout, 0)
draw = dout * gamma
dinv = np.sum(draw * diff, 0)
dvar = -0.5 * (var + eps) ** -1.5 * dinv
ddiff2 = np.broadcast_to(dvar / (N - 1), (N, D))
ddiff = draw * inv + 2 * diff * ddiff2
dmean = -np.sum(ddiff, 0)
dx = ddiff + dmean / N
