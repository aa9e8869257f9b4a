# exercise: rnn
import numpy as np
rng = np.random.default_rng(0)
T = 4
W = rng.uniform(-0.9, 0.9, (3, 3)); U = rng.uniform(-0.9, 0.9, (3, 2)); b = rng.uniform(-0.5, 0.5, 3)
x = rng.normal(size=(T + 1, 2)); y = rng.uniform(-1, 1, (T + 1, 3)); h0 = rng.uniform(-1, 1, 3)
h = [h0]
a = [None]
for t in range(1, T + 1):
    a.append(W @ h[-1] + U @ x[t] + b)
    h += [np.tanh(a[-1])]
dh, da = [], []
nxt = np.zeros(3)
for t in reversed(range(1, T + 1)):
    dh.append(h[t] - y[t] + nxt)
    da += [(1 - h[t] ** 2) * dh[-1]]
    nxt = W.T @ da[-1]
dh = dh[::-1]; da = da[::-1]
dh.insert(0, None); da.insert(0, None)
dW = sum(np.outer(da[t], h[t - 1]) for t in range(1, T + 1))
dU = sum(np.outer(da[t], x[t]) for t in range(1, T + 1))
db = sum(da[1:])
dh0 = W.T @ da[1]
