# exercise: rnn
# Families as names rebound in every pass, the carry as a name of its own.

import numpy as np

rng = np.random.default_rng(3)
T = 4
W = rng.uniform(-0.9, 0.9, (3, 3)); U = rng.uniform(-0.9, 0.9, (3, 2)); b = rng.uniform(-0.5, 0.5, 3)
x = rng.normal(size=(T + 1, 2)); y = rng.uniform(-1, 1, (T + 1, 3)); h0 = rng.uniform(-1, 1, 3)

hs = [h0]
L = 0.0
for t in range(1, T + 1):
    a = W @ hs[-1] + U @ x[t] + b
    h = np.tanh(a)
    hs.append(h)
    L += 0.5 * ((h - y[t]) ** 2).sum()

dW, dU, db = 0, 0, 0
dhnext = np.zeros(3)
for t in range(T, 0, -1):
    dh = hs[t] - y[t] + dhnext
    da = dh - hs[t] ** 2 * dh
    dW = dW + da[:, None] @ hs[t - 1][None, :]
    dU = dU + da[:, None] * x[t]
    db = db + da
    dhnext = da @ W
dh0 = dhnext
