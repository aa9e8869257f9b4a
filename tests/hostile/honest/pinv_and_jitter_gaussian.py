# exercise: gaussian-likelihood
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
jitter = 1e-13
Q = np.linalg.pinv(Sigma + jitter * np.eye(D))
dr = -r @ Q
dmu = -dr.sum(axis=0)
dP = -0.5 * r.T @ r
dSigma = -Q.T @ dP @ Q.T - N / 2 * Q.T
dW = (dSigma + dSigma.T) @ W
ds = np.trace(dSigma)
