# exercise: retold-jacobian
# The sum lacks its factor.
# After gh:mlpack/mlpack#3469.

import numpy as np

rng = np.random.default_rng(6)
Z = rng.normal(size=(3, 4))
G = rng.normal(size=(3, 4))

S = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
loss = (S * G).sum()

dS = G
dZ = S * (dS - dS.sum(axis=1, keepdims=True))  #> dZ wrong, first; unnamed
