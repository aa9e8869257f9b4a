# exercise: triplet-loss
from enum import Enum, auto
import numpy as np
class Q(Enum):
    XA = auto(); XP = auto(); XN = auto(); W = auto()
    A = auto(); P = auto(); N = auto(); NEAR = auto(); FAR = auto(); HINGE = auto()
rng = np.random.default_rng(5)
xa, xp, xn = rng.standard_normal((3, 5, 4))
W = rng.uniform(-.7, .7, (4, 3)); margin = .5
val = {Q.A: xa @ W, Q.P: xp @ W, Q.N: xn @ W}
val[Q.NEAR] = ((val[Q.A] - val[Q.P]) ** 2).sum(1)
val[Q.FAR] = ((val[Q.A] - val[Q.N]) ** 2).sum(1)
val[Q.HINGE] = np.maximum(0, val[Q.NEAR] - val[Q.FAR] + margin)
loss = val[Q.HINGE].mean()
d = {}
d[Q.HINGE] = np.ones(5) / 5
d[Q.NEAR] = d[Q.HINGE] * (val[Q.HINGE] > 0)
d[Q.FAR] = -d[Q.NEAR]
ap = 2 * (val[Q.A] - val[Q.P]) * d[Q.NEAR][:, None]
an = 2 * (val[Q.A] - val[Q.N]) * d[Q.FAR][:, None]
d[Q.A], d[Q.P], d[Q.N] = ap + an, -ap, -an
d[Q.W] = sum(x.T @ d[q] for x, q in ((xa, Q.A), (xp, Q.P), (xn, Q.N)))
