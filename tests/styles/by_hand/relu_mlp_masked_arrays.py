# exercise: relu-mlp
import numpy as np
import numpy.ma as ma
X = np.array([[1.0, -0.5, 0.3], [0.2, 0.8, -1.1], [-0.7, 0.4, 0.9], [1.3, -0.2, 0.6]])
W1 = np.array([[0.5, -0.3, 0.8, 0.1, -0.6], [0.2, 0.7, -0.4, 0.9, 0.3], [-0.5, 0.6, 0.1, -0.8, 0.4]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.4, -0.7], [0.9, 0.2], [-0.3, 0.5], [0.6, -0.1], [-0.8, 0.3]])
b2 = np.array([0.3, -0.4])
Y = np.array([[0.5, -0.1], [0.2, 0.4], [-0.3, 0.8], [1.0, 0.0]])
Z1 = X @ W1 + b1
mask = Z1 > 0
H = ma.masked_array(Z1, ~mask).filled(0)
O = H @ W2 + b2
E = O - Y
loss = (E**2).sum() / 4
dE = E / 2
dO = dE
dW2 = H.T @ dO
db2 = dO.sum(0)
dH = dO @ W2.T
dZ1 = ma.masked_where(Z1 <= 0, dH).filled(0.0)
dW1 = X.T @ dZ1
db1 = dZ1.sum(0)
