# exercise: rnn
# The first entry of each list stands for nothing; the gradients are put behind it as the walk goes back.

import numpy as np

rng = np.random.default_rng(3)
T = 4
W = rng.uniform(-0.9, 0.9, (3, 3)); U = rng.uniform(-0.9, 0.9, (3, 2)); b = rng.uniform(-0.5, 0.5, 3)
x = rng.normal(size=(T + 1, 2)); y = rng.uniform(-1, 1, (T + 1, 3)); h0 = rng.uniform(-1, 1, 3)

pre, states = [None], [h0]
for t in range(1, T + 1):
    pre.append(W @ states[-1] + U @ x[t] + b)
    states.append(np.tanh(pre[-1]))
L = sum(0.5 * np.sum((states[t] - y[t]) ** 2) for t in range(1, T + 1))

dW, dU, db = 0 * W, 0 * U, 0 * b
dh, da = [None], [None]
future = np.zeros(3)
for t in reversed(range(1, T + 1)):
    dh.insert(1, (states[t] - y[t]) + future)
    da.insert(1, (1 - states[t] ** 2) * dh[1])
    dW += np.outer(da[1], states[t - 1])
    dU += np.outer(da[1], x[t])
    db += da[1]
    future = W.T @ da[1]
dh0 = future

