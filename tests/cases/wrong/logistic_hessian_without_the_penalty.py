# exercise: logistic-hessian
# The penalty was in the gradient, and not differentiated again.
# #> J missing #> z missing
# #> step carried by H

import numpy as np

X = np.random.randn(6, 3)
w = np.random.randn(3)
y = np.array([0, 1, 1, 0, 1, 0])
lam = 0.2


def sigmoid(t):
    return 1 / (1 + np.exp(-t))


def derivatives(X, w, y, lam):
    n = len(y)
    p = sigmoid(X @ w)
    dz = (p - y) / n
    g = X.T @ dz + lam * w
    s = p * (1 - p)
    H = X.T @ np.diag(s) @ X / n  #> H wrong, first; code penalty-missing-in-the-hessian
    return {"dz": dz, "g": g, "s": s, "H": H, "step": -np.linalg.solve(H, g)}


found = derivatives(X, w, y, lam)
