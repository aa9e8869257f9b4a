# exercise: gaussian-likelihood
# The mean is subtracted, and pulls the other way.

import numpy as np

rng = np.random.default_rng(8)
x = rng.normal(size=(6, 4))
mu = rng.normal(size=4) / 2
W = rng.normal(size=(4, 2))
s = 0.9


def derivatives(x, mu, W, s):
    n, dims = x.shape
    Sigma = W @ W.T + s * np.eye(dims)
    P = np.linalg.inv(Sigma)
    sign, logdet = np.linalg.slogdet(Sigma)
    r = x - mu
    L = -n * dims / 2 * np.log(2 * np.pi)
    dr = np.zeros((n, dims))
    dmu = np.zeros(dims)
    dP = np.zeros((dims, dims))
    for i in range(n):
        L += -0.5 * r[i] @ P @ r[i] - 0.5 * logdet
        dr[i] = -P @ r[i]
        dmu += dr[i]  #> dmu wrong, first; put -=
        dP += -0.5 * np.outer(r[i], r[i])
    dSigma = -P @ dP @ P - n / 2 * P
    dW = 2 * dSigma @ W
    ds = sum(dSigma[j, j] for j in range(dims))
    return {"dr": dr, "dmu": dmu, "dP": dP, "dSigma": dSigma, "dW": dW, "ds": ds}


out = derivatives(x, mu, W, s)
