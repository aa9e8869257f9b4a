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
loss = np.sum(E ** 2) / 4
N, D = X.shape
dE = np.empty_like(E)
for n in range(N):
    for k, e in enumerate(E[n]):
        dE[n, k] = 2 * e / N
dO = dE.copy()
dW2 = np.zeros_like(W2); db2 = np.zeros_like(b2)
dW1 = np.zeros_like(W1); db1 = np.zeros_like(b1)
dH = np.zeros_like(H); dZ1 = np.zeros_like(Z1); mask = np.zeros_like(Z1, dtype=bool)
for n, (x, h, z, d) in enumerate(zip(X, H, Z1, dO)):
    dW2 += h[:, None] * d[None, :]
    db2 += d
    dH[n] = W2 @ d
    mask[n] = z > 0
    dZ1[n] = np.where(mask[n], dH[n], 0.0)
    dW1 += x[:, None] * dZ1[n]
    db1 += dZ1[n]
