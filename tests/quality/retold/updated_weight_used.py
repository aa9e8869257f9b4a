# exercise: retold-rows
# The weight is changed before it is used on the way back.
# After gh:Bot-Academy/NeuralNetworkFromScratch#3.

import numpy as np

rng = np.random.default_rng(2)
n = 5
X = rng.normal(size=(n, 3))
Y = rng.normal(size=(n, 2))
W1 = rng.normal(size=(3, 4))
b1 = rng.normal(size=4)
W2 = rng.normal(size=(4, 2))
b2 = rng.normal(size=2)

Z1 = X @ W1 + b1
H = np.maximum(Z1, 0)
P = H @ W2 + b2
E = P - Y
S = E**2
loss = S.sum() / n

dE = 2 * E / n
dP = dE
dW2 = H.T @ dP
db2 = dP.sum(axis=0)
W2 = W2 - 0.1 * dW2  #> dH wrong, first; code updated-value-used
dH = dP @ W2.T
dZ1 = dH * (Z1 > 0)  #> dZ1 carried
dW1 = X.T @ dZ1  #> dW1 carried
db1 = dZ1.sum(axis=0)  #> db1 carried
