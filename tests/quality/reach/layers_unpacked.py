# exercise: tanh-mlp
import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(5, 3))
y = np.array([0, 1, 1, 0, 1])
W1 = rng.uniform(-1, 1, size=(3, 4))
b1 = rng.uniform(-0.5, 0.5, size=4)
W2 = rng.uniform(-1, 1, size=(4, 2))
b2 = rng.uniform(-0.5, 0.5, size=2)
reg = 0.1


def affine_forward(x, w, b):
    return x @ w + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    return dout @ w.T, x.T @ dout, np.sum(dout, axis=0)


def softmax_loss(s, y):
    e = np.exp(s - s.max(axis=1, keepdims=True))
    P = e / e.sum(axis=1, keepdims=True)
    n = len(y)
    ds = P.copy()
    ds[np.arange(n), y] -= 1
    return -np.log(P[np.arange(n), y]).mean(), ds / n, P


Z, cache1 = affine_forward(X, W1, b1)
H = np.tanh(Z)
logits, cache2 = affine_forward(H, W2, b2)
nll, dlogits, P = softmax_loss(logits, y)
decay = 0.5 * reg * (np.sum(W1**2) + np.sum(W2**2))
loss = nll + decay
dH, dW2, db2 = affine_backward(dlogits, cache2)
dZ = dH * (1 - H**2)
dX, dW1, db1 = affine_backward(dZ, cache1)
dW2 += reg * W2
dW1 += reg * W1
