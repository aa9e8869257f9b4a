# exercise: triplet-loss
# The anchor forgets that it was compared with the negative.
# #> dW carried by da

import numpy as np

rng = np.random.default_rng(0)
xa, xp, xn = rng.normal(size=(3, 5, 4))
W = rng.normal(size=(4, 3)) * 0.4
margin = 0.3


def embed(x):
    return x.dot(W)


def sqdist(u, v):
    return np.square(u - v).sum(-1)


def sqdist_back(g, u, v):
    d = 2 * g.reshape(-1, 1) * (u - v)
    return d, -d


a, p, n = map(embed, (xa, xp, xn))
near, far = sqdist(a, p), sqdist(a, n)
hinge = np.clip(near - far + margin, 0, None)
loss = hinge.sum() / 5
dhinge = np.ones(5) / 5
dnear = np.where(hinge > 0, dhinge, 0)
dfar = -dnear
da1, dp = sqdist_back(dnear, a, p)
da2, dn = sqdist_back(dfar, a, n)
da = da1  #> da wrong, first; put da1 + da2
dW = sum(x.T @ g for x, g in [(xa, da), (xp, dp), (xn, dn)])
