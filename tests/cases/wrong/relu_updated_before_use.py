# exercise: relu-mlp
# W2 is changed before the gradient goes back through it.

import numpy as np

X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])
learning_rate = 0.1

Z1 = X @ W1 + b1
H = np.maximum(Z1, 0)
O = H @ W2 + b2
E = O - Y
loss = (E**2).sum() / 4

dE = E / 2
dO = dE
dW2 = H.T @ dO
db2 = dO.sum(axis=0)
W2 = W2 - learning_rate * dW2  #> dH wrong, first
b2 = b2 - learning_rate * db2
dH = dO @ W2.T
mask = Z1 > 0
dZ1 = dH * mask  #> dZ1 carried by dH
dW1 = X.T @ dZ1  #> dW1 carried by dH
db1 = dZ1.sum(axis=0)  #> db1 carried by dH
