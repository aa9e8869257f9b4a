# 427. Inverse matrices at nodes around a variance
# exercise: gaussian-likelihood
# earns: nothing
# why: an inverse gets another slope wherever its matrix is no known one
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(6, 4))
mu = rng.uniform(-0.5, 0.5, size=4)
W = rng.normal(size=(4, 2))
s = 0.7
N, D = x.shape
Sigma = W @ W.T + s * np.eye(D)
P = np.linalg.inv(Sigma)
r = x - mu
L = -0.5 * ((r @ P) * r).sum() - N / 2 * np.linalg.slogdet(Sigma)[1] - N * D / 2 * np.log(2 * np.pi)
k = np.exp(2j * np.pi * np.arange(64) / 64) * 0.2
nodes = np.einsum("ab,b->a", np.stack([np.ones(64), k], 1), np.array([s, 1.0]))
vals = []
for c in nodes:
    C = W @ W.T + c * np.eye(4)
    vals.append(-0.5 * ((r @ np.linalg.inv(C)) * r).sum() - 3 * np.log(np.linalg.det(C)))
ds = float((np.array(vals) / k).mean().real)
