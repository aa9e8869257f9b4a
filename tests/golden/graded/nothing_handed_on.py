# exercise: rnn
import numpy as np
T = 4
rng = np.random.default_rng(7)
W = rng.uniform(-.9, .9, (3, 3)); U = rng.uniform(-.9, .9, (3, 2)); b = rng.uniform(-.5, .5, 3)
x = rng.normal(size=(T + 1, 2)); y = rng.uniform(-1, 1, (T + 1, 3)); h0 = rng.uniform(-1, 1, 3)

def forward(x, h0):
    hs, As = [h0], [None]
    for t in range(1, T + 1):
        As.append(W @ hs[-1] + U @ x[t] + b)
        hs.append(np.tanh(As[-1]))
    return hs, As

h, a = forward(x, h0)
L = sum(np.sum((h[t] - y[t]) ** 2) / 2 for t in range(1, T + 1))

def backward(h, x, y):
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
    dh, da = [None] * (T + 1), [None] * (T + 1)
    carry = np.zeros(3)
    for t in range(T, 0, -1):
        dh[t] = h[t] - y[t] + carry
        da[t] = dh[t] * (1 - h[t] ** 2)
        dW += np.outer(da[t], h[t - 1])
        dU += np.outer(da[t], x[t])
        db += da[t]
    return dh, da, dW, dU, db, carry

dh, da, dW, dU, db, dh0 = backward(h, x, y)
