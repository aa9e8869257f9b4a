# exercise: triplet-loss
import numpy as np
rng = np.random.default_rng(21)
xa, xp, xn = (rng.normal(size=(5, 4)) for _ in range(3)); W = rng.uniform(-.7, .7, (4, 3)); margin = .5
a, p, n = xa @ W, xp @ W, xn @ W
near = np.array([np.dot(v, v) for v in a - p]); far = np.array([np.dot(v, v) for v in a - n])
hinge = np.clip(near - far + margin, 0, None); loss = hinge.mean()
dhinge = np.repeat(1 / 5, 5)
dnear, dfar = np.zeros(5), np.zeros(5)
da, dp, dn = np.zeros_like(a), np.zeros_like(p), np.zeros_like(n)
dW = np.zeros_like(W)
for i in range(5):
    if hinge[i] == 0:
        continue
    dnear[i] = dhinge[i]
    dfar[i] = -dhinge[i]
    da[i] = 2 * dnear[i] * (a[i] - p[i]) + 2 * dfar[i] * (a[i] - n[i])
    dp[i] = -2 * dnear[i] * (a[i] - p[i])
    dn[i] = -2 * dfar[i] * (a[i] - n[i])
    dW += np.outer(xa[i], da[i]) + np.outer(xp[i], dp[i]) + np.outer(xn[i], dn[i])
