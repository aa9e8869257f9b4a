# exercise: logistic-regression
import numpy as np

X = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9]])
w = np.array([0.8, -0.6, 0.3])
b = 0.2
y = np.array([1, 0, 1, 0, 0])
N = len(y)
z = np.zeros(N)
p = np.zeros(N)
nll = np.zeros(N)
for n in range(N):
    z[n] = X[n] @ w + b
    p[n] = 1 / (1 + np.exp(-z[n]))
    nll[n] = -np.log(p[n]) if y[n] == 1 else -np.log(1 - p[n])
loss = nll.mean()

dnll = np.ones(N) / N
dp = np.zeros(N)
dz = np.zeros(N)
dw = np.zeros(3)
db = 0.0
for n in range(N):
    if y[n] == 1:
        dp[n] = dnll[n] * -1 / p[n]
    else:
        dp[n] = dnll[n] / (1 - p[n])
    dz[n] = dp[n] * p[n] * (1 - p[n])
    dw += dz[n] * X[n]
    db += dz[n]
print(dw, db)
