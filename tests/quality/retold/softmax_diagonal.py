# exercise: retold-attention
# The diagonal of the Jacobian alone.
# After gh:RubixML/ML#438.

import numpy as np

rng = np.random.default_rng(11)
width = 4
Q = rng.normal(size=(3, width))
K = rng.normal(size=(5, width))
V = rng.normal(size=(5, 2))
G = rng.normal(size=(3, 2))


def softmax(s):
    e = np.exp(s - s.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


S = Q @ K.T / np.sqrt(width)
A = softmax(S)
O = A @ V
loss = (O * G).sum()

dO = G
dV = A.T @ dO
dA = dO @ V.T
dS = A * (1 - A) * dA  #> dS wrong, first; code softmax-jacobian-diagonal
dQ = dS @ K / np.sqrt(width)  #> dQ carried
dK = dS.T @ Q / np.sqrt(width)  #> dK carried
