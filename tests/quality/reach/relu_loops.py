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
loss = (E**2).sum() / X.shape[0]


def outer_sum(left, right):
    total = np.zeros((left.shape[1], right.shape[1]))
    for i in range(left.shape[0]):
        total += np.outer(left[i], right[i])
    return total


def columns_summed(array):
    return np.array([column.sum() for column in array.T])


n, m = H.shape
dE = 2 * E / X.shape[0]
dO = dE
dW2 = outer_sum(H, dO)
db2 = columns_summed(dO)
dH = np.zeros_like(H)
for i in range(n):
    for j in range(m):
        dH[i, j] = sum(W2[j, k] * dO[i, k] for k in range(2))
mask = np.array([[z > 0 for z in row] for row in Z1])
dZ1 = np.zeros_like(Z1)
for i in range(n):
    for j in range(m):
        if Z1[i, j] > 0:
            dZ1[i, j] = dH[i, j]
dW1 = outer_sum(X, dZ1)
db1 = columns_summed(dZ1)
