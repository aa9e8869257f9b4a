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


def bptt(W, U, b, x, y, h0):
    T = len(x) - 1
    h = np.zeros((T + 1, 3))
    h[0] = h0
    t = 0
    while t < T:
        t += 1
        h[t] = np.tanh(W @ h[t - 1] + U @ x[t] + b)
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
    dh, da = np.zeros_like(h), np.zeros_like(h)
    carry = np.zeros(3)
    while t > 0:
        dh[t] = h[t] - y[t] + carry
        da[t] = dh[t] * (1 - h[t] * h[t])
        dW += np.outer(da[t], h[t - 1])
        dU += np.outer(da[t], x[t])
        db += da[t]
        carry = da[t] @ W
        t -= 1
    return dh, da, dW, dU, db, carry


dh, da, dW, dU, db, dh0 = bptt(W, U, b, x, y, h0)
