# exercise: tanh-mlp
# The penalty has no part in the gradients, and the slope of the tanh is taken where it is not.

import numpy as np

rng = np.random.default_rng(1)
X = rng.normal(size=(5, 3))
y = np.array([0, 1, 1, 0, 1])
W1 = rng.normal(size=(3, 4))
b1 = np.zeros(4)
W2 = rng.normal(size=(4, 2))
b2 = np.zeros(2)
reg = 0.1

Z = X @ W1 + b1
H = np.tanh(Z)
logits = H @ W2 + b2
P = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
nll = -np.log(P[range(5), y]).mean()
decay = reg / 2 * (np.sum(W1**2) + np.sum(W2**2))
loss = nll + decay

dlogits = P.copy()
dlogits[range(5), y] -= 1
dlogits /= 5
dW2 = H.T @ dlogits  #> dW2 wrong, first
db2 = dlogits.sum(axis=0)
dH = dlogits @ W2.T
dZ = dH * (1 - Z**2)  #> dZ wrong
dW1 = X.T @ dZ  #> dW1 wrong
db1 = dZ.sum(axis=0)  #> db1 carried by dZ
dX = dZ @ W1.T  #> dX carried by dZ
