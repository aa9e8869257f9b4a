# exercise: relu-mlp
# The gradient of the matrix for the matrix, a mean over all entries for the mean over the rows, and a bias not summed.

import numpy as np

X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])

Z1 = np.dot(X, W1) + b1
H = np.where(Z1 > 0, Z1, 0)
O = np.dot(H, W2) + b2
E = O - Y
loss = (E**2).sum() / len(X)

dE = 2 * E / E.size  #> dE wrong, first
dO = dE  #> dO carried by dE
dW2 = np.dot(H.T, dO)  #> dW2 carried by dE
db2 = dO  #> db2 wrong shape
dH = np.dot(dO, dW2.T)  #> dH wrong
mask = (Z1 > 0) * 1.0
dZ1 = mask * dH  #> dZ1 carried by dH
dW1 = np.dot(X.T, dZ1)  #> dW1 carried by dH
db1 = dZ1.sum(0)  #> db1 carried by dH
