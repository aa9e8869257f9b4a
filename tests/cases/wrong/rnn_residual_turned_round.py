# exercise: rnn
# The residual the wrong way round. At the last moment nothing comes back, so two repairs do there; one of them does
# at every moment.
# #> dh[4] wrong, first; put h[t] - y[t]
# #> dh[3] carried by dh[4]
# #> dh[2] carried by dh[4]
# #> dh[1] carried by dh[4]
# #> da[4] carried
# #> da[3] carried
# #> da[2] carried
# #> da[1] carried

import numpy as np

rng = np.random.default_rng(3)
T = 4
W = rng.uniform(-0.9, 0.9, (3, 3))
U = rng.uniform(-0.9, 0.9, (3, 2))
b = rng.uniform(-0.5, 0.5, 3)
x = rng.normal(size=(T + 1, 2))
y = rng.uniform(-1, 1, (T + 1, 3))
h0 = rng.uniform(-1, 1, 3)

a, h = [None], [h0]
for t in range(1, T + 1):
    a.append(W @ h[t - 1] + U @ x[t] + b)
    h.append(np.tanh(a[t]))
L = sum(0.5 * np.sum((h[t] - y[t]) ** 2) for t in range(1, T + 1))

dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
da = [None] * (T + 2)
dh = [None] * (T + 1)
da[T + 1] = np.zeros(3)
for t in range(T, 0, -1):
    dh[t] = (y[t] - h[t]) + W.T @ da[t + 1]
    da[t] = (1 - h[t] ** 2) * dh[t]
    dW += np.outer(da[t], h[t - 1])  #> dW carried
    dU += np.outer(da[t], x[t])  #> dU carried
    db += da[t]  #> db carried
dh0 = W.T @ da[1]  #> dh0 carried
