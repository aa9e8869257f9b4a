# exercise: rnn
# The slope is left out: two lists are given the same, and only one of them is wrong.
# #> dh[3] carried
# #> dh[2] carried
# #> dh[1] carried

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
from_states, from_pre = [], []
future = np.zeros(3)
for t in reversed(range(1, T + 1)):
    from_states.append((states[t] - y[t]) + future)
    from_pre.append(1.0 * from_states[-1])  #> da[4] wrong, first; code activation-derivative-missing  #> da[3] carried by da[4]  #> da[2] carried by da[4]  #> da[1] carried by da[4]
    dW += np.outer(from_pre[-1], states[t - 1])  #> dW carried
    dU += np.outer(from_pre[-1], x[t])  #> dU carried
    db += from_pre[-1]  #> db carried
    future = W.T @ from_pre[-1]  #> dh0 carried
dh = [None] + from_states[::-1]
da = [None] + from_pre[::-1]
dh0 = future
