# exercise: batch-norm
# The variance branch starts from what arrived above the scale.
# #> dvar carried by dinv
# #> ddiff2 carried by dinv
# #> ddiff carried by dinv
# #> dx carried by dinv

import numpy as np

rng = np.random.RandomState(7)
x = rng.randn(5, 3)
gamma = rng.rand(3) + 0.5
beta = rng.randn(3)
dout = rng.randn(5, 3)
N, D = x.shape

# forward
mean = np.mean(x, axis=0, keepdims=True)
diff = x - mean
diff2 = diff**2
var = np.sum(diff2, axis=0, keepdims=True) / (N - 1)
inv = 1.0 / np.sqrt(var + 1e-5)
raw = diff * inv
out = gamma * raw + beta
loss = np.sum(dout * out)

# backward
dbeta = np.sum(dout, axis=0)
dgamma = np.sum(dout * raw, axis=0)
draw = dout * gamma
dinv = np.sum(dout * diff, axis=0, keepdims=True)  #> dinv wrong, first
ddiff = draw * inv
dvar = -0.5 * (var + 1e-5) ** -1.5 * dinv
ddiff2 = np.ones((N, D)) * dvar / (N - 1)
ddiff += 2 * diff * ddiff2
dmean = -np.sum(ddiff, axis=0, keepdims=True)
dx = ddiff.copy()
dx += np.ones((N, D)) * dmean / N
