# exercise: triplet-loss
import numpy as np
rng = np.random.default_rng(4)

xs = rng.normal(size=(3, 5, 4)); xa, xp, xn = xs
W = rng.uniform(-.7, .7, (4, 3)); margin = .5
a, p, n = (t@W for t in (xa, xp, xn))
near = np.square(a-p).sum(1); far = np.square(a-n).sum(1); hinge = np.maximum(near-far+margin, 0); loss = hinge.mean()
dhinge = np.ones(5)/5
dnear = np.where(hinge > 0, dhinge, 0.); dfar = np.where(hinge > 0, -dhinge, 0.)
da, dp, dn = np.zeros((3, 5, 3))
u = 2*(a-p)*dnear[:, None]
da += u; dp -= u
u = 2*(a-n)*dfar[:, None]
da += u; dn -= u
dW = np.tensordot(np.stack([xa, xp, xn]), np.stack([da, dp, dn]), axes=([0, 1], [0, 1]))
