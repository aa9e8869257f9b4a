# exercise: rnn
# The state is told by its own loss only; what the next moment sends back is computed and never used.
# #> dh[3] wrong, first
# #> dh[2] carried by dh[3]
# #> dh[1] carried by dh[3]
# #> da[3] carried
# #> da[2] carried
# #> da[1] carried
# #> dh0 carried

import numpy as np

rng = np.random.default_rng(3)
T = 4
W = rng.uniform(-0.9, 0.9, (3, 3)); U = rng.uniform(-0.9, 0.9, (3, 2)); b = rng.uniform(-0.5, 0.5, 3)
x = rng.normal(size=(T + 1, 2)); y = rng.uniform(-1, 1, (T + 1, 3)); h0 = rng.uniform(-1, 1, 3)

a, h = [None], [h0]
for t in range(1, T + 1):
    a.append(W @ h[-1] + U @ x[t] + b)
    h.append(np.tanh(a[-1]))
L = sum(0.5 * np.sum((h[t] - y[t]) ** 2) for t in range(1, T + 1))

dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
for t in range(T, 0, -1):
    dh = h[t] - y[t]
    da = (1 - h[t] ** 2) * dh
    dW += np.outer(da, h[t - 1])  #> dW carried
    dU += np.outer(da, x[t])  #> dU carried
    db += da  #> db carried
    dh_prev = W.T @ da
dh0 = dh_prev
