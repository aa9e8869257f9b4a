# exercise: relu-mlp
# The call hands its arguments over in another order than the function takes them, so a line of the function crashes.

import numpy as np

X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])


def forward(X, W1, b1, W2, b2):
    Z1 = X @ W1 + b1
    H = np.maximum(Z1, 0)
    O = H @ W2 + b2
    return O, (X, Z1, H)


def backward(dO, cache, W2):
    X, Z1, H = cache
    dW2 = H.T @ dO
    db2 = dO.sum(axis=0)
    dH = dO @ W2.T
    mask = Z1 > 0
    dZ1 = dH * mask
    dW1 = X.T @ dZ1
    db1 = dZ1.sum(axis=0)
    return dW1, db1, dW2, db2


O, cache = forward(X, W1, b1, W2, b2)
E = O - Y
loss = (E**2).sum() / len(X)
dE = 2 * E / len(X)
dO = dE
dW1, db1, dW2, db2 = backward(W2, cache, dO)
