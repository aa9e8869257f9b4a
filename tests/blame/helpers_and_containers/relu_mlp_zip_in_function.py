# exercise: relu-mlp
import numpy as np

X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])


def forward(X, W1, b1, W2, b2, Y):
    Z1 = X @ W1 + b1
    H = np.maximum(Z1, 0)
    O = H @ W2 + b2
    E = O - Y
    return (E**2).sum() / len(X), (Z1, H, E)


def backward(X, W2, cache):
    Z1, H, E = cache
    mask = Z1 > 0
    to_E = 2 * E / len(X)
    to_O = to_E
    to_W2 = H.T @ to_O
    to_b2 = to_O.sum(axis=0)
    to_H = to_O @ W2.T
    to_Z1 = to_H  #> guilty
    to_W1 = X.T @ to_Z1
    to_b1 = to_Z1.sum(axis=0)
    names = ["dE", "dO", "dW2", "db2", "dH", "mask", "dZ1", "dW1", "db1"]
    return dict(zip(names, [to_E, to_O, to_W2, to_b2, to_H, mask, to_Z1, to_W1, to_b1]))


loss, cache = forward(X, W1, b1, W2, b2, Y)
grads = backward(X, W2, cache)
