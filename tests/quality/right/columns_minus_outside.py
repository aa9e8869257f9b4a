# exercise: retold-columns
# Errors with the other sign, taken back where they are used.
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

delta = Y - A2
dZ2 = -delta / m
dW2 = np.dot(dZ2, A1.T)
db2 = np.sum(dZ2, axis=1, keepdims=True)
dA1 = np.dot(W2.T, dZ2)
dZ1 = dA1 * (1 - np.power(A1, 2))
dW1 = np.dot(dZ1, X.T)
db1 = np.sum(dZ1, axis=1, keepdims=True)
