# exercise: logistic-regression
import numpy as np
X = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9]])
w = np.array([0.8, -0.6, 0.3]); b = 0.2; y = np.array([1, 0, 1, 0, 0])
N = len(y)
z = X @ w + b; p = 1 / (1 + np.exp(-z)); nll = -(y * np.log(p) + (1 - y) * np.log(1 - p)); loss = nll.mean()
dnll = np.full(N, 1 / N)
dp, dz, dw, db = np.zeros(N), np.zeros(N), np.zeros(3), 0.0
for i in range(N):
    slope = (p[i] - y[i]) / (p[i] * (1 - p[i]))
    dp[i] = dnll[i] * slope
    s = p[i, 0] * (1 - p[i])  #> guilty
    dz[i] = dp[i] * s
    contribution = dz[i] * X[i]
    dw += contribution
    db += dz[i]
