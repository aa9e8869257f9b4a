# exercise: retold-jacobian
# The loss is not summed up, so that its name holds what is missing below: the repair must not read it.

import numpy as np

rng = np.random.default_rng(6)
Z = rng.normal(size=(3, 4))
G = rng.normal(size=(3, 4))

S = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
loss = S * G

dS = G
dZ = S * (-(dS * S).sum(axis=1, keepdims=True))  #> dZ wrong, first; unnamed; put -(dS * S).sum(axis=1, keepdims=True) + dS
