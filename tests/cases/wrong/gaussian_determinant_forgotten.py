# exercise: gaussian-likelihood
# The covariance matrix in the determinant is forgotten, and so is the second place of the factors.
# #> ds carried by dSigma

import numpy as np

x = np.random.randn(6, 4)
mu = np.random.randn(4) / 2
W = np.random.randn(4, 2)
s = 0.8

n = len(x)
Sigma = W.dot(W.T) + np.diag([s] * 4)
P = np.linalg.inv(Sigma)
r = x - mu
quadratic = np.sum(r.dot(P) * r, axis=1)
L = np.sum(-0.5 * quadratic - 0.5 * np.log(np.linalg.det(Sigma)) - 2 * np.log(2 * np.pi))
dr = -np.linalg.solve(Sigma, r.T).T
dmu = -np.sum(dr, axis=0)
dP = -np.einsum("ij,ik->jk", r, r) / 2
dSigma = -P @ dP @ P  #> dSigma wrong, first; code determinant-forgotten
dW = dSigma @ W  #> dW wrong; put (dSigma + dSigma.T)
ds = np.sum(np.diag(dSigma))
