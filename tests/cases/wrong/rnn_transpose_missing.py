# exercise: small-rnn
# #> dh[2] wrong, first
# #> dh[1] carried by dh[2]
# #> dh0 carried
# #> da[2] carried
# #> da[1] carried
# #> dW carried
# #> dU carried

import numpy as np
rng = np.random.default_rng(1)
T = 3
W = rng.normal(size=(4, 4))
U = rng.normal(size=(4, 2))
x = rng.normal(size=(4, 2))
h0 = rng.normal(size=4)
v = rng.normal(size=4)
h = [h0]
a = [None]
for t in range(1, T + 1):
    a.append(W @ h[t - 1] + U @ x[t])
    h.append(np.tanh(a[t]))
loss = (v * h[T]).sum()
dW = np.zeros_like(W); dU = np.zeros_like(U)
dh = [None] * (T + 1)
da = np.zeros((T + 1, 4))
dh[T] = v
for t in reversed(range(1, T + 1)):
    da[t] = (1 - h[t] ** 2) * dh[t]
    dW += np.outer(da[t], h[t - 1])
    dU += np.outer(da[t], x[t])
    dh[t - 1] = W @ da[t]
dh0 = dh[0]
