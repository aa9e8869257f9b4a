# exercise: triplet-loss
import numpy as np
rng = np.random.default_rng(0)
xa = rng.normal(size=(5, 4))
xp = rng.normal(size=(5, 4))
xn = rng.normal(size=(5, 4))
W = rng.uniform(-0.7, 0.7, size=(4, 3))
margin = 0.5
N = len(xa)
a = xa @ W
p = xp @ W
n = xn @ W
near = ((a - p) ** 2).sum(axis=1)
far = ((a - n) ** 2).sum(axis=1)
hinge = np.maximum(0, near - far + margin)
loss = hinge.mean()
from numpy.polynomial import Polynomial
twice = Polynomial([0.0, 2.0])
on = (hinge > 0) / N
dhinge = np.full(N, 1 / N)
dnear = on
dfar = -on
da = on[:, None] * (twice(a - p) - twice(a - n))
dp = -on[:, None] * twice(a - p)
dn = on[:, None] * twice(a - n)
dW = xa.T @ da + xp.T @ dp + xn.T @ dn
