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

W = {1: W1, 2: W2}
a = {0: X}
a[1] = np.tanh(a[0] @ W[1] + b1)
logits = a[1] @ W[2] + b2
e = np.exp(logits - logits.max(1, keepdims=True))
P = e / e.sum(1, keepdims=True)
loss = -np.log(P[range(5), y]).mean() + reg / 2 * (np.sum(W1**2) + np.sum(W2**2))

d = {}
d[2] = P.copy()
d[2][range(5), y] -= 1
d[2] /= 5
dlogits = d[2]
dH = d[2] @ W[2].T
d[1] = dH * (1 - a[1] ** 2)
dZ = d[1]
dW2, dW1 = (a[i - 1].T @ d[i] + reg * W[i] for i in (2, 1))
db2, db1 = (d[i].sum(0) for i in (2, 1))
dX = d[1] @ W[1].T
