# exercise: rnn
import numpy as np
from functools import lru_cache
rng = np.random.default_rng(10)
T = 4
W = rng.normal(size=(3, 3)) * .5; U = rng.normal(size=(3, 2)); b = rng.normal(size=3)
x = rng.normal(size=(T + 1, 2)); y = rng.normal(size=(T + 1, 3)); h0 = rng.uniform(-1, 1, 3)
h = {0: h0}; a = {}
for t in range(1, T + 1):
    a[t] = W @ h[t - 1] + U @ x[t] + b
    h[t] = np.tanh(a[t])
L = .5 * sum(((h[t] - y[t]) ** 2).sum() for t in range(1, T + 1))
dh, da = {}, {}
def walk(t):
    """fills dh[t], da[t] after everything later"""
    later = 0 if t == T else W.T @ walk(t + 1)
    dh[t] = (h[t] - y[t]) + later
    da[t] = dh[t] * (1 - h[t] ** 2)
    return da[t]
dh0 = W.T @ walk(1)
dW = sum(da[t][:, None] * h[t - 1][None, :] for t in da)
dU = sum(np.outer(da[t], x[t]) for t in da)
db = np.sum([*da.values()], axis=0)
