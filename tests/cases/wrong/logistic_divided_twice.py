# exercise: logistic-regression
# 1 / N in dz and again in the gradients of the weights; the bias by the mean.

import numpy as np

X = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9]])
w = np.array([0.8, -0.6, 0.3])
b = 0.2
y = np.array([1, 0, 1, 0, 0])
m = X.shape[0]

z = np.dot(X, w) + b
p = 1 / (1 + np.exp(-z))
nll = -(y * np.log(p) + (1 - y) * np.log(1 - p))
loss = np.sum(nll) / m

dnll = np.ones(m) / m
dp = dnll * ((1 - y) / (1 - p) - y / p)
dz = (p - y) / m
dw = np.dot(X.T, dz) / m  #> dw wrong, first
db = np.mean(dz)  #> db wrong
