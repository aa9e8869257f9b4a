# exercise: rnn
# The slope is taken at the pre-activation, out of a dictionary.
# #> dh[3] carried
# #> dh[2] carried
# #> dh[1] carried

import numpy as np

rng = np.random.default_rng(3)
T = 4
W = rng.uniform(-0.9, 0.9, (3, 3)); U = rng.uniform(-0.9, 0.9, (3, 2)); b = rng.uniform(-0.5, 0.5, 3)
x = rng.normal(size=(T + 1, 2)); y = rng.uniform(-1, 1, (T + 1, 3)); h0 = rng.uniform(-1, 1, 3)

A, H = {}, {0: h0}
for t in range(1, T + 1):
    A[t] = W @ H[t - 1] + U @ x[t] + b
    H[t] = np.tanh(A[t])
L = sum(0.5 * np.sum((H[t] - y[t]) ** 2) for t in range(1, T + 1))

dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
dH, dA = {}, {}
future = np.zeros(3)
for t in range(T, 0, -1):
    dH[t] = (H[t] - y[t]) + future
    dA[t] = (1 - A[t] ** 2) * dH[t]  #> da[4] wrong, first; code tanh-derivative-on-pre-activation; put H  #> da[3] carried by da[4]  #> da[2] carried by da[4]  #> da[1] carried by da[4]
    dW += np.outer(dA[t], H[t - 1])  #> dW carried
    dU += np.outer(dA[t], x[t])  #> dU carried
    db += dA[t]  #> db carried
    future = W.T @ dA[t]  #> dh0 carried
dh0 = future
