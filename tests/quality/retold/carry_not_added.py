# exercise: retold-rnn
# What comes back from the next time step is not added.
# After community.deeplearning.ai/t/48297.
# #> dh[2] wrong, first; code branch-contribution-missing
# #> dh[1] carried by dh[2]
# #> da[2] carried
# #> da[1] carried
# #> dh0 carried

import numpy as np

rng = np.random.default_rng(9)
T = 3
U = rng.normal(size=(4, 2))
W = rng.uniform(-0.8, 0.8, size=(4, 4))
b = rng.normal(size=4)
V = rng.normal(size=(3, 4))
x = rng.normal(size=(T + 1, 2))
h0 = rng.normal(size=4)
g = rng.normal(size=(T + 1, 3))

h = [h0]
a = [None]
y = [None]
for t in range(1, T + 1):
    a.append(U @ x[t] + W @ h[t - 1] + b)
    h.append(np.tanh(a[t]))
    y.append(V @ h[t])
loss = sum(g[t] @ y[t] for t in range(1, T + 1))

dU = np.zeros_like(U)
dW = np.zeros_like(W)
db = np.zeros_like(b)
dV = np.zeros_like(V)
dh = np.zeros((T + 1, 4))
da = np.zeros((T + 1, 4))
carry = np.zeros(4)
for t in reversed(range(1, T + 1)):
    dV += np.outer(g[t], h[t])
    dh[t] = V.T @ g[t]
    da[t] = (1 - h[t] ** 2) * dh[t]
    dU += np.outer(da[t], x[t])  #> dU carried
    dW += np.outer(da[t], h[t - 1])  #> dW carried
    db += da[t]  #> db carried
    carry = W.T @ da[t]
dh0 = carry
