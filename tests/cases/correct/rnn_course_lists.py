# exercise: rnn
# Families as lists that grow at the front, so that they end up in the order of time.

import numpy as np

rng = np.random.default_rng(3)
T = 4
W = rng.uniform(-0.9, 0.9, (3, 3)); U = rng.uniform(-0.9, 0.9, (3, 2)); b = rng.uniform(-0.5, 0.5, 3)
x = rng.normal(size=(T + 1, 2)); y = rng.uniform(-1, 1, (T + 1, 3)); h0 = rng.uniform(-1, 1, 3)

h = [h0]
for t in range(T):
    h.append(np.tanh(W @ h[t] + U @ x[t + 1] + b))
L = sum(np.sum((one - target) ** 2) / 2 for one, target in zip(h[1:], y[1:]))

dh, da = [], []
back = 0
for t in reversed(range(1, T + 1)):
    dh.insert(0, h[t] - y[t] + back)
    da.insert(0, (1 - h[t]) * (1 + h[t]) * dh[0])
    back = W.T @ da[0]
dW = sum(np.outer(da[t], h[t]) for t in range(T))
dU = sum(np.outer(da[t], x[t + 1]) for t in range(T))
db = sum(da)
dh0 = back
