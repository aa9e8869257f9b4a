# exercise: retold-embedding
# += with a list of rows adds once to a row that stands in it twice.
# After gh:ZacBi/CS224n-2019-solutions#5.

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
dC[ix] += demb  #> dC wrong, first; code repeated-index-counted-once
