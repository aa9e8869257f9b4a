# exercise: retold-attention
# The scale in a name of its own.
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
dS = A * (dA - (dA * A).sum(axis=1, keepdims=True))
scale = width**-0.5
dQ = scale * dS @ K
dK = scale * dS.T @ Q
