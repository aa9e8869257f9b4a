# exercise: logistic-regression
import numpy as np
def backward(X, w, b, y):
    z = X @ w + b
    p = 1 / (1 + np.exp(-z))
    nll = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    loss = nll.mean()
    n, m = X.shape
    dnll = np.full(n, 1 / n)
    dp, dz = np.zeros(n), np.zeros(n)
    dw = np.zeros(m)
    db = 0
    for i in range(n):
        dp[i] = dnll[i] * (p[i] - y[i]) / (p[i] * (1 - P[i]))  #> dp wrong raised, first
        dz[i] = dp[i] * p[i] * (1 - p[i])  #> dz carried by dp
        for j in range(m):
            dw[j] += dz[i] * X[i, j]  #> dw carried by dp
        db += dz[i]  #> db carried by dp
    return z, p, nll, loss, dnll, dp, dz, dw, db
X = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9]])
w = np.array([0.8, -0.6, 0.3])
b = 0.2
y = np.array([1, 0, 1, 0, 0])
z, p, nll, loss, dnll, dp, dz, dw, db = backward(X, w, b, y)
