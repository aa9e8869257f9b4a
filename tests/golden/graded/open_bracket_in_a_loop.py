# exercise: rnn
import numpy as np
T = 4
rng = np.random.default_rng(7)
W = rng.uniform(-.9, .9, (3, 3)); U = rng.uniform(-.9, .9, (3, 2)); b = rng.uniform(-.5, .5, 3)
x = rng.normal(size=(T + 1, 2)); y = rng.uniform(-1, 1, (T + 1, 3)); h0 = rng.uniform(-1, 1, 3)
h = [h0] + [None] * T; a = [None] * (T + 1)
L = 0
for t in range(1, T + 1):
    a[t] = W @ h[t-1] + U @ x[t] + b
    h[t] = np.tanh(a[t])
    L += ((h[t] - y[t])**2).sum() / 2
dh = [0] * (T + 1); da = [0] * (T + 1)
dW = 0; dU = 0; db = 0
carry = 0
for t in range(T, 0, -1):
    dh[t] = h[t] - y[t] + carry
    da[t] = dh[t] * (1 - h[t]**2
    dW += np.outer(da[t], h[t-1])
    dU += np.outer(da[t], x[t])
    db += da[t]
    carry = W.T @ da[t]
dh0 = carry
