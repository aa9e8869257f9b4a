# exercise: retold-jacobian
# The common term is lost.
# After gh:HomericIntelligence/Odyssey#2134.

import numpy as np

rng = np.random.default_rng(6)
Z = rng.normal(size=(3, 4))
G = rng.normal(size=(3, 4))

S = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
loss = (S * G).sum()

dS = G
dZ = S * dS  #> dZ wrong, first; code softmax-sum-missing
