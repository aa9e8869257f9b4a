# exercise: rows-collect
# The two names of the loop are exchanged in the line, not in its head.
import numpy as np

rng = np.random.default_rng(1)
C = rng.normal(size=(5, 3))
k = np.array([1, 4, 1, 0])
w = rng.normal(size=(3, 2))

e = C[k]
z = e @ w
loss = (z ** 2).sum()

dz = 2 * z
de = dz @ w.T
dw = e.T @ dz
dC = np.zeros_like(C)
for i, idx in enumerate(k):
    dC[i] += de[idx]  #> dC wrong, first; put dC[idx] += de[i]
