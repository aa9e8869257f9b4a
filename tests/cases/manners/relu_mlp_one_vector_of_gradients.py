# exercise: relu-mlp
import numpy as np
X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])
params = np.concatenate([v.ravel() for v in (W1, b1, W2, b2)])
shapes = {"W1": (3, 5), "b1": (5,), "W2": (5, 2), "b2": (2,)}
def view(vec, name):
    start = 0
    for k, s in shapes.items():
        n = int(np.prod(s))
        if k == name:
            return vec[start:start + n].reshape(s)
        start += n
    raise KeyError(name)
Z1 = X @ view(params, "W1") + view(params, "b1")
H = np.maximum(Z1, 0); O = H @ view(params, "W2") + view(params, "b2"); E = O - Y
loss = (E ** 2).sum() / 4
grad = np.zeros_like(params)
dE = E / 2
dO = 1 * dE
view(grad, "W2")[:] = H.T @ dO
view(grad, "b2")[:] = dO.sum(0)
dH = dO @ view(params, "W2").T
mask = Z1 > 0
dZ1 = dH * mask
view(grad, "W1")[...] = X.T @ dZ1
view(grad, "b1")[...] += dZ1.sum(0)
dW1, db1, dW2, db2 = (view(grad, k) for k in shapes)
