# exercise: retold-embedding
# = where += was meant: a row that is read twice.
# After gh:hankcs/CS224n@a816457.

import numpy as np

rng = np.random.default_rng(12)
C = rng.normal(size=(4, 3))
ix = np.array([2, 0, 2, 3, 2])
W = rng.normal(size=(3, 2))
G = rng.normal(size=(5, 2))

emb = C[ix]
z = emb @ W
s = 1 / (1 + np.exp(-z))
loss = (s * G).sum()

ds = G
dz = s * (1 - s) * ds
dW = emb.T @ dz
demb = dz @ W.T
dC = np.zeros_like(C)
for row in range(5):
    dC[ix[row]] = demb[row]  #> dC wrong, first; code contribution-overwritten
