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
loss = (E ** 2).sum() / 4
grads = {k: [] for k in ("W1", "b1", "W2", "b2")}
n = len(X)
dE = np.zeros_like(E); dH = np.zeros_like(H); mask = np.zeros_like(Z1); dZ1 = np.zeros_like(Z1)
for i in range(n):
    e = 2 * E[i]
    dE[i] = e / n
    gh = W2 @ e
    dH[i] = gh / n
    mask[i] = Z1[i] > 0
    gz = gh * mask[i]
    dZ1[i] = gz / n
    grads["W2"].append(np.outer(H[i], e)); grads["b2"].append(e)
    grads["W1"].append(np.outer(X[i], gz)); grads["b1"].append(gz)
dO = dE
dW2, db2, dW1, db1 = (np.mean(grads[k], axis=0) for k in ("W2", "b2", "W1", "b1"))
