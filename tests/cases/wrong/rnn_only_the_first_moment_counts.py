# exercise: rnn
# The gradients of the weights are overwritten at every moment, so only the last pass is left.

import numpy as np

rng = np.random.default_rng(3)
T = 4
W = rng.uniform(-0.9, 0.9, (3, 3)); U = rng.uniform(-0.9, 0.9, (3, 2)); b = rng.uniform(-0.5, 0.5, 3)
x = rng.normal(size=(T + 1, 2)); y = rng.uniform(-1, 1, (T + 1, 3)); h0 = rng.uniform(-1, 1, 3)

a = np.zeros((T + 1, 3))
h = np.zeros((T + 1, 3))
h[0] = h0
for t in range(1, T + 1):
    a[t] = W @ h[t - 1] + U @ x[t] + b
    h[t] = np.tanh(a[t])
L = ((h[1:] - y[1:]) ** 2).sum() / 2

dh = np.zeros((T + 2, 3))
da = np.zeros((T + 2, 3))
dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
for t in reversed(range(1, T + 1)):
    dh[t] = h[t] - y[t] + W.T @ da[t + 1]
    da[t] = dh[t] * (1 - h[t] ** 2)
    dW = np.outer(da[t], h[t - 1])  #> dW wrong, first
    dU += np.outer(da[t], x[t])
    db = da[t]  #> db wrong
dh0 = W.T @ da[1]
