# exercise: relu-mlp
import numpy as np

X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])

Z1 = X @ W1
Z1 += b1
H = Z1.clip(min=0)
O = H @ W2
O += b2
E = np.subtract(O, Y)
loss = np.square(E).sum() / 4

dE = E * 2
dE /= 4
dO = dE[:]
dW2 = np.empty_like(W2)
np.matmul(H.T, dO, out=dW2)
db2 = np.add.reduce(dO)
dH = dO @ W2.T
mask = H > 0
dZ1 = dH
dZ1[~mask] = 0.0
dW1 = X.T @ dZ1
db1 = dZ1.sum(axis=0)
