# exercise: retold-leaky
# The slope first.
import numpy as np

rng = np.random.default_rng(3)
keep = 0.8
X = rng.normal(size=(5, 3))
W = rng.normal(size=(3, 4))
M = rng.integers(0, 2, size=(5, 4))
G = rng.normal(size=(5, 4))

Z = X @ W
A = np.where(Z > 0, Z, 0.1 * Z)
D = A * M / keep
loss = (D * G).sum()

dD = G
dA = dD * M / keep
slope = np.where(Z > 0, 1.0, 0.1)
dZ = slope * dA
dW = X.T @ dZ
dX = dZ @ W.T
