# exercise: logistic-regression
# The inner minus of log(1 - p) is lost, and the error is taken the wrong way round.

import numpy as np

X = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9]])
w = np.array([0.8, -0.6, 0.3])
b = 0.2
y = np.array([1, 0, 1, 0, 0])


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


# %%
z = X @ w + b
p = sigmoid(z)
nll = -(y * np.log(p) + (1 - y) * np.log(1 - p))
loss = np.mean(nll)

# %%
n = len(y)
dnll = np.full(n, 1 / n)
dp = -dnll * (y / p + (1 - y) / (1 - p))  #> dp wrong, first
dz = (y - p) / n  #> dz wrong
dw = X.T @ dz  #> dw carried by dz
db = np.sum(dz)  #> db carried by dz
