# exercise: rnn
import numpy as np
from collections import deque
rng = np.random.default_rng(10)
T = 4
W = rng.normal(size=(3, 3)) * .5; U = rng.normal(size=(3, 2)); b = rng.normal(size=3)
x = rng.normal(size=(T + 1, 2)); y = rng.normal(size=(T + 1, 3)); h0 = rng.uniform(-1, 1, 3)
h = deque([h0]); a = deque([None])
for xt in x[1:]:
    a.append(W @ h[-1] + U @ xt + b)
    h.append(np.tanh(a[-1]))
L = sum(.5 * np.sum((ht - yt) ** 2) for ht, yt in zip(list(h)[1:], y[1:]))
dh, da = deque(), deque()
carry = np.zeros(3)
dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
for t in range(T, 0, -1):
    dh.appendleft(h[t] - y[t] + carry)
    da.appendleft((1 - h[t] ** 2) * dh[0])
    dW += np.outer(da[0], h[t - 1])
    dU += np.outer(da[0], x[t])
    db += da[0]
    carry = W.T @ da[0]
dh0 = carry
dh.appendleft(dh0); da.appendleft(np.zeros(3))
