# exercise: retold-rnn
# tanh once more, of a state that is a tanh already.
# After gh:CaptainE/RNN-LSTM-in-numpy, cell 40.
# #> da[3] wrong, first; code activation-applied-twice
# #> da[2] carried by da[3]
# #> da[1] carried by da[3]
# #> dh[2] carried
# #> dh0 carried
# #> dh[1] carried

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

states = {0: h0}
loss = 0.0
for t in range(1, T + 1):
    a = U @ x[t] + W @ states[t - 1] + b
    h = np.tanh(a)
    y = V @ h
    states[t] = h
    loss = loss + g[t] @ y

dU, dW, db, dV = np.zeros_like(U), np.zeros_like(W), np.zeros_like(b), np.zeros_like(V)
dhnext = np.zeros_like(h0)
for t in reversed(range(1, T + 1)):
    dV += np.outer(g[t], states[t])
    dh = V.T @ g[t] + dhnext
    da = (1 - np.tanh(states[t]) ** 2) * dh
    db += da  #> db carried
    dU += np.outer(da, x[t])  #> dU carried
    dW += np.outer(da, states[t - 1])  #> dW carried
    dhnext = W.T @ da
dh0 = dhnext
