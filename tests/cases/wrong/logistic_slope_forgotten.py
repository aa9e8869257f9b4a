# exercise: logistic-regression
# The step through the sigmoid is missing, and the weights multiply where the features should.

import numpy as np

X = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9]])
w = np.array([0.8, -0.6, 0.3])
b = 0.2
y = np.array([1, 0, 1, 0, 0])
N = len(y)

grads = {}
z = X @ w + b
p = 1 / (1 + np.exp(-z))
nll = -(y * np.log(p) + (1 - y) * np.log(1 - p))
loss = nll.sum() / N

grads["nll"] = np.ones_like(nll) / N
grads["p"] = grads["nll"] * (p - y) / (p * (1 - p))
grads["z"] = grads["p"]  #> dz wrong, first
grads["w"] = (w * X * grads["z"][:, None]).sum(axis=0)  #> dw wrong
grads["b"] = grads["z"].sum()  #> db carried by dz
