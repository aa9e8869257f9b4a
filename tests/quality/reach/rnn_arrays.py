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


def backward(h, x, y, W, U):
    dh, da = np.zeros((T + 1, 3)), np.zeros((T + 1, 3))
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros(W.shape[0])
    dh[T] = h[T] - y[T]
    for t in range(T, 0, -1):
        da[t] = (1 - h[t] ** 2) * dh[t]
        if t > 1:
            dh[t - 1] = h[t - 1] - y[t - 1] + W.T @ da[t]
        dW += np.multiply.outer(da[t], h[t - 1])
        dU += np.multiply.outer(da[t], x[t])
        db += da[t]
    dh0 = np.dot(da[1], W)
    return dh, da, dW, dU, db, dh0


a = np.zeros((T + 1, 3))
h = np.zeros((T + 1, 3))
h[0] = h0
for t in range(1, T + 1):
    a[t] = W @ h[t - 1] + U @ x[t] + b
    h[t] = np.tanh(a[t])
L = np.sum((h[1:] - y[1:]) ** 2) / 2
dh, da, dW, dU, db, dh0 = backward(h, x, y, W, U)
