# exercise: relu-mlp
import numpy as np

X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])


def gated(arriving, before):
    if arriving.shape == before.shape:
        return np.where(arriving > 0, arriving, 0.0)  #> guilty
    return arriving


Z1 = X @ W1 + b1
H = np.maximum(Z1, 0)
O = H @ W2 + b2
E = O - Y
loss = (E**2).sum() / len(X)
grads = {}
grads["E"] = 2 * E / len(X)
grads["O"] = grads["E"]
grads["W2"] = H.T @ grads["O"]
grads["b2"] = grads["O"].sum(axis=0)
grads["H"] = grads["O"] @ W2.T
mask = Z1 > 0
grads["Z1"] = gated(grads["H"], Z1)
grads["W1"] = X.T @ grads["Z1"]
grads["b1"] = grads["Z1"].sum(axis=0)
