# exercise: logistic-hessian
# Both derivatives are those of a sum where the loss has a mean.
# #> g carried by dz

import numpy as np

X = np.random.randn(6, 3)
w = np.random.randn(3)
y = np.array([0, 1, 1, 0, 1, 0])
lam = 0.2

z = X @ w
p = 1 / (1 + np.exp(-z))
J = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean() + lam / 2 * (w**2).sum()
dz = p - y  #> dz wrong, first; code missing-one-over-n
g = X.T @ dz + lam * w
s = p - p**2
H = X.T @ (s[:, None] * X) + lam * np.eye(3)  #> H wrong; code mean-lost-in-the-hessian
step = -np.linalg.solve(H, g)  #> step carried by H
