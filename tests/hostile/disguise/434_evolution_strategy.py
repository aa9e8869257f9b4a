# 434. Gradient as an evolution strategy estimates it, with orthogonal directions
# exercise: vae-loss
# earns: nothing
# why: the function has another slope
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(5, 4))
Wmu = rng.uniform(-0.8, 0.8, size=(4, 2))
Wlogvar = rng.uniform(-0.6, 0.6, size=(4, 2))
Wdec = rng.normal(size=(2, 4))
b = rng.uniform(-0.5, 0.5, size=4)
eps = rng.normal(size=(5, 2))
N = len(x)
mu = x @ Wmu
logvar = x @ Wlogvar
sigma = np.exp(logvar / 2)
z = mu + sigma * eps
xhat = z @ Wdec + b
recon = ((xhat - x) ** 2).sum() / (2 * N)
kl = (mu**2 + np.exp(logvar) - 1 - logvar).sum() / (2 * N)
loss = recon + kl
rng = np.random.default_rng(0)
Q, _ = np.linalg.qr(rng.normal(size=(8, 8)))
def score(W):
    return ((z @ W + b - x)**2).sum() / 10
dWdec = sum((score(Wdec + 1e-3 * q.reshape(2, 4)) - score(Wdec - 1e-3 * q.reshape(2, 4))) / 2e-3 * q.reshape(2, 4) for q in Q)
