# exercise: retold-columns
# 1/m stands with the sum over the examples, as in the course.
import numpy as np

rng = np.random.default_rng(1)
m = 6
X = rng.normal(size=(3, m))
Y = rng.uniform(0.1, 0.9, size=(1, m))
W1 = rng.normal(size=(4, 3))
b1 = rng.normal(size=(4, 1))
W2 = rng.normal(size=(1, 4))
b2 = rng.normal(size=(1, 1))

Z1 = np.dot(W1, X) + b1
A1 = np.tanh(Z1)
Z2 = np.dot(W2, A1) + b2
A2 = 1 / (1 + np.exp(-Z2))
loss = -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m

error = A2 - Y
dZ2 = 1 / m * error
dW2 = 1 / m * np.dot(error, A1.T)
db2 = 1 / m * np.sum(error, axis=1, keepdims=True)
dA1 = np.dot(W2.T, dZ2)
dZ1 = dA1 * (1 - np.power(A1, 2))
dW1 = np.dot(dZ1, X.T)
db1 = np.sum(dZ1, axis=1, keepdims=True)
