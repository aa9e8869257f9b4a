# exercise: relu-mlp
import numpy as np

X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])

n = X.shape[0]
Z1 = X @ W1 + b1
mask = Z1 > 0
H = np.where(mask, Z1, 0)
O = H @ W2 + b2
E = O - Y
loss = (E**2).sum() / n

dE = np.zeros_like(E)
dO = np.zeros_like(O)
dH = np.zeros_like(H)
dZ1 = np.zeros_like(Z1)
dW1, dW2 = np.zeros_like(W1), np.zeros_like(W2)
db1, db2 = np.zeros_like(b1), np.zeros_like(b2)
for k in range(n):
    dE[k] = 2 / n * E[k]
    dO[k] = dE[k]
    dW2 += np.outer(H[k], dO[k])
    db2 += dO[k]
    dH[k] = W2 @ dO[k]
    for j in range(len(b1)):
        if not mask[k, j]:
            continue
        dZ1[k, j] = dH[k, j]
    dW1 += np.outer(X[k], dZ1[k])
    db1 += dZ1[k]
