# exercise: gaussian-likelihood
import numpy as np
rng = np.random.default_rng(4)

x = rng.normal(size=(6, 4)); mu = rng.uniform(-.5, .5, 4); W = rng.normal(size=(4, 2)); s = .7
Sigma = W@W.T + s*np.eye(4); P = np.linalg.inv(Sigma); r = x-mu
L = sum(-.5*ri@P@ri for ri in r) - 3*np.linalg.slogdet(Sigma)[1] - 12*np.log(2*np.pi)
dr = -.5*r@(P+P.T)
dmu = np.add.reduce(-dr)
dP = np.zeros((4, 4))
for j, k in np.ndindex(4, 4):
    dP[j, k] = -.5*np.dot(r[:, j], r[:, k])
dSigma = np.zeros((4, 4))
dSigma -= 3*P.T
dSigma += -(P.T@dP@P.T)
dW = dSigma@W + dSigma.T@W
ds = sum(dSigma[i, i] for i in range(4))
