# exercise: triplet-loss
import numpy as np
rng = np.random.default_rng(0)
xa, xp, xn = rng.normal(size=(3, 5, 4)); W = rng.uniform(-.7, .7, (4, 3)); margin = .5
a, p, n = xa @ W, xp @ W, xn @ W
near, far = ((a - p) ** 2).sum(1), ((a - n) ** 2).sum(1)
hinge = np.maximum(0, near - far + margin); loss = hinge.mean()
dhinge = np.ones_like(hinge) / len(hinge)
dnear = dhinge * (hinge > 0); dfar = -dnear
pull = 2 * dnear[:, None] * (a - p)
push = 2 * dfar * (a - n)  #> guilty
da = pull + push
dp, dn = -pull, -push
dW = xa.T @ da + xp.T @ dp + xn.T @ dn
