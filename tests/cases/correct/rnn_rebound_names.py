# exercise: small-rnn
# Families as one name rebound in every pass.

import numpy as np
rng = np.random.default_rng(1)
T = 3
W = rng.normal(size=(4, 4)); U = rng.normal(size=(4, 2)); x = rng.normal(size=(4, 2)); h0 = rng.normal(size=4); v = rng.normal(size=4)
hs = {0: h0}
for t in range(1, T + 1):
    a = W @ hs[t - 1] + U @ x[t]
    h = np.tanh(a)
    hs[t] = h
loss = v @ hs[T]
dW = np.zeros_like(W); dU = np.zeros_like(U)
dhnext = v
for t in reversed(range(1, T + 1)):
    dh = dhnext
    da = (1 - hs[t] ** 2) * dh
    dW += np.outer(da, hs[t - 1])
    dU += np.outer(da, x[t])
    dhnext = W.T @ da
dh0 = dhnext
