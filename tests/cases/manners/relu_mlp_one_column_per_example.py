# exercise: relu-mlp
import numpy as np

# Coursera convention: one column per example
X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]]).T
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]]).T
b1 = np.array([[0.1, -0.2, 0.3, 0.2, -0.1]]).T
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]]).T
b2 = np.array([[0.3, -0.4]]).T
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]]).T
Z1 = W1 @ X + b1
H = np.maximum(Z1, 0)
O = W2 @ H + b2
E = O - Y
loss = np.sum(E**2) / 4
dE = E / 2
dO = dE
dW2 = dO @ H.T
db2 = dO.sum(axis=1, keepdims=True)
dH = W2.T @ dO
mask = Z1 > 0
dZ1 = dH * mask
dW1 = dZ1 @ X.T
db1 = dZ1.sum(axis=1, keepdims=True)
