# exercise: logistic-regression
import numpy as np

X = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9]])
w = np.array([0.8, -0.6, 0.3])
b = 0.2
y = np.array([1, 0, 1, 0, 0])
m = X.shape[0]
z = X.dot(w) + b
p = 1.0 / (1.0 + np.exp(-z))
nll = np.where(y == 1, -np.log(p), -np.log1p(-p))
loss = nll.mean()

dnll = np.full_like(p, 1 / m)
dp = np.zeros_like(p)
pos = y == 1
dp[pos] = -dnll[pos] / p[pos]
dp[~pos] = dnll[~pos] / (1 - p[~pos])
dz = dp.copy()
dz *= p
dz *= 1 - p
dw = np.einsum("ni,n->i", X, dz)
db = np.sum(dz)
