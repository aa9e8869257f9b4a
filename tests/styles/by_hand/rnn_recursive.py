# exercise: rnn
import numpy as np
rng = np.random.default_rng(0)
T = 4
W = rng.uniform(-0.9, 0.9, (3, 3))
U = rng.uniform(-0.9, 0.9, (3, 2))
b = rng.uniform(-0.5, 0.5, 3)
x = rng.normal(size=(T + 1, 2))
y = rng.uniform(-1, 1, (T + 1, 3))
h0 = rng.uniform(-1, 1, 3)
hs = {0: h0}
for t in range(1, T + 1):
    hs[t] = np.tanh(W @ hs[t - 1] + U @ x[t] + b)
L = sum(np.sum((hs[t] - y[t]) ** 2) / 2 for t in range(1, T + 1))
dh, da = {}, {}
dW, dU, db = np.zeros((3, 3)), np.zeros((3, 2)), np.zeros(3)
def back(t, carry):
    if t == 0:
        return carry
    dh[t] = (hs[t] - y[t]) + carry
    da[t] = dh[t] * (1 - hs[t] * hs[t])
    global dW, dU, db
    dW = dW + np.outer(da[t], hs[t - 1])
    dU = dU + np.outer(da[t], x[t])
    db = db + da[t]
    return back(t - 1, da[t] @ W)
dh0 = back(T, np.zeros(3))
