# exercise: logistic-regression
import numpy as np
X = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9]])
w = np.array([0.8, -0.6, 0.3]); b = 0.2; y = np.array([1, 0, 1, 0, 0])
N = len(y)
z = X @ w + b; p = 1 / (1 + np.exp(-z)); nll = -(y * np.log(p) + (1 - y) * np.log(1 - p)); loss = nll.mean()
def backward(X, p, y):
    N = len(y)
    dnll = np.full(N, 1 / N)
    slope = (p - y) / (p * (1 - p))
    dp = dnll * slope
    s = p[:, 0] * (1 - p)  #> guilty
    dz = dp * s
    contribution = dz[:, None] * X
    dw = contribution.sum(0)
    db = dz.sum()
    return dnll, dp, dz, dw, db
dnll, dp, dz, dw, db = backward(X, p, y)
