# exercise: relu-mlp
import numpy as np

X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])

from typing import NamedTuple


class Back(NamedTuple):
    dW: np.ndarray
    db: np.ndarray
    dx: np.ndarray


def affine_back(inputs, weight, arriving):
    on_weight = inputs.T @ arriving
    on_bias = arriving.sum(axis=0)
    on_inputs = -arriving @ weight.T  #> guilty
    return Back(on_weight, on_bias, on_inputs)


Z1 = X @ W1 + b1
H = np.maximum(Z1, 0)
O = H @ W2 + b2
E = O - Y
loss = (E**2).sum() / len(X)
mask = Z1 > 0
dE = 2 * E / len(X)
dO = dE
second = affine_back(H, W2, dO)
dW2, db2, dH = second.dW, second.db, second.dx
dZ1 = dH * mask
first = affine_back(X, W1, dZ1)
dW1, db1 = first.dW, first.db
