# exercise: logistic-regression
import numpy as np
def backward(X, w, b, y):
    z = X @ w + b
    p = 1 / (1 + np.exp(-z))
    nll = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    loss = nll.mean()
    dnll = np.full(5, 1 / 5)
    dp = dnll * (p - y) / (p * (1 - p))
    dz = dp * p * (1 - p)
    dw, db = X.T @ dz, dz.sum()
    return z, p, nll, loss, dnll, dp, dz, db, dw  #> db wrong shape, first
X = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9]])
w = np.array([0.8, -0.6, 0.3])
b = 0.2
y = np.array([1, 0, 1, 0, 0])
z, p, nll, loss, dnll, dp, dz, dw, db = backward(X, w, b, y)
# #> dw carried by db
