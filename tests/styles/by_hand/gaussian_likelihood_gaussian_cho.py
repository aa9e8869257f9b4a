# exercise: gaussian-likelihood
import numpy as np
from numpy.linalg import cholesky, solve, slogdet
rng = np.random.default_rng(12)
x = rng.normal(size=(6, 4)); mu = rng.uniform(-.5, .5, 4); W = rng.normal(size=(4, 2)); s = 0.7
N, D = x.shape
Sigma = W @ W.T + s * np.identity(D)
C = cholesky(Sigma)
Cinv = solve(C, np.eye(D))
P = Cinv.T @ Cinv
r = x - mu
L = -.5 * np.einsum("ij,jk,ik->", r, P, r) - N * np.log(np.diag(C)).sum() - N * D / 2 * np.log(2 * np.pi)
dr = -r @ P
dmu = -dr.sum(0)
dP = -.5 * sum(np.outer(ri, ri) for ri in r)
from_inverse = -P.T @ dP @ P.T
from_det = -N / 2 * P.T
dSigma = from_inverse + from_det
dW = (dSigma + dSigma.T) @ W
ds = np.trace(dSigma)
