# exercise: rnn
import numpy as np

rng = np.random.default_rng(0)
T = 4
W = rng.uniform(-0.9, 0.9, (3, 3))
U = rng.uniform(-0.9, 0.9, (3, 2))
b = rng.uniform(-0.5, 0.5, 3)
x = rng.normal(size=(T + 1, 2))
y = rng.uniform(-1, 1, (T + 1, 3))
h0 = rng.uniform(-1, 1, 3)

a, h = [None], [h0]
for t in range(1, T + 1):
    a.append(W @ h[-1] + U @ x[t] + b)
    h.append(np.tanh(a[-1]))
L = sum(np.sum((h[t] - y[t]) ** 2) for t in range(1, T + 1)) / 2

dh, da = [], []
carry = np.zeros(3)
for t in range(T, 0, -1):
    dh.append(h[t] - y[t] + carry)
    da.append((1 - h[t] ** 2) * dh[-1])
    carry = W.T @ da[-1]
dh.append(None)
da.append(None)
dh, da = dh[::-1], da[::-1]

dW = sum(np.outer(da[t], h[t - 1]) for t in range(1, T + 1))
dU = sum(np.outer(da[t], x[t]) for t in range(1, T + 1))
db = sum(da[1:])
dh0 = carry
