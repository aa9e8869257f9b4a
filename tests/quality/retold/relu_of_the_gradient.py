# exercise: retold-rows
# ReLU applied to what arrives, instead of its mask.
# After community.deeplearning.ai/t/303955.

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
dH = dP @ W2.T
dZ1 = np.maximum(dH, 0)  #> dZ1 wrong, first; code slope-at-upstream
dW1 = X.T @ dZ1  #> dW1 carried
db1 = dZ1.sum(axis=0)  #> db1 carried
