# exercise: relu-mlp
import numpy as np
X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])
Z1 = X @ W1 + b1
H = np.maximum(Z1, 0)
O = H @ W2 + b2
E = O - Y
loss = (E ** 2).sum() / len(X)
dE = 2 * E / len(X)
dO = dE
dW2 = H.T @ dO
db2 = dO.sum(axis=0)
dH = dO @ W2.T
mask = Z1 > 2  #> mask wrong, first
dZ1 = np.empty((4, 5))
for i in range(4):
    for j in range(5):
        if mask[i, j]:
            dZ1[i, j] = dH[i, j]
        else:
            dZ1[i, j] = 0
dW1 = np.zeros((3, 5))
for n, row in enumerate(X):
    if not mask[n].any():
        continue
    dW1 += np.outer(row, dZ1[n])
db1 = dZ1.sum(axis=0)
# #> dZ1 carried
# #> dW1 carried
# #> db1 carried
