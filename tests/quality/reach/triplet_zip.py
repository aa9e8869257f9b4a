# exercise: triplet-loss
import numpy as np

rng = np.random.default_rng(0)
xa = rng.normal(size=(5, 4))
xp = rng.normal(size=(5, 4))
xn = rng.normal(size=(5, 4))
W = rng.uniform(-0.7, 0.7, size=(4, 3))
margin = 0.5
N = len(xa)
a, p, n = (inp @ W for inp in (xa, xp, xn))
near = np.array([np.sum((u - v) ** 2) for u, v in zip(a, p)])
far = np.array([np.sum((u - v) ** 2) for u, v in zip(a, n)])
hinge = np.maximum(near - far + margin, 0)
loss = hinge.mean()

dhinge = np.ones(N) / N
dnear = np.array([d if h > 0 else 0 for d, h in zip(dhinge, hinge)])
dfar = -dnear
da, dp, dn = np.zeros_like(a), np.zeros_like(p), np.zeros_like(n)
for i in range(N):
    da[i] = 2 * dnear[i] * (a[i] - p[i]) + 2 * dfar[i] * (a[i] - n[i])
    dp[i] = -2 * dnear[i] * (a[i] - p[i])
    dn[i] = -2 * dfar[i] * (a[i] - n[i])
dW = np.zeros_like(W)
for inp, d in zip((xa, xp, xn), (da, dp, dn)):
    dW += inp.T @ d
