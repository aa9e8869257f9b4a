# exercise: logistic-regression
import numpy as np
X = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9]])
w = np.array([0.8, -0.6, 0.3])
b = 0.2
y = np.array([1, 0, 1, 0, 0])
def sig(v): return 1 / (1 + np.exp(-v))
m = len(y)
z = X @ w + b
p = sig(z)
nll = -(y * np.log(p) + (1 - y) * np.log(1 - p))
loss = nll.mean()
dnll, dp, dz = [], [], []
for pi, yi in zip(p, y):
    dnll.append(1 / m)
    dp.append(dnll[-1] * (-(yi / pi) if yi else 1 / (1 - pi)))
    dz.append(dp[-1] * pi * (1 - pi))
dnll, dp, dz = map(np.array, (dnll, dp, dz))
dw = np.zeros(3)
for row, d in zip(X, dz):
    dw += d * row
db = sum(dz)
