# exercise: vae-loss
# The mean gets nothing from the divergence, and the deviation forgets what it was multiplied by.
# #> dlogvar carried by dsigma #> dWmu carried by dmu #> dWlogvar carried by dsigma

import numpy as np

rng = np.random.default_rng(5)
x = rng.normal(size=(5, 4))
Wmu = rng.normal(size=(4, 2)) / 2
Wlogvar = rng.normal(size=(4, 2)) / 2
Wdec = rng.normal(size=(2, 4))
b = rng.normal(size=4) / 2
eps = rng.normal(size=(5, 2))

N, D = x.shape
K = eps.shape[1]
mu = x @ Wmu
logvar = x @ Wlogvar
sigma = np.exp(0.5 * logvar)
z = mu + sigma * eps
xhat = z @ Wdec + b
recon = np.sum((x - xhat) ** 2) / 2 / N
kl = -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar)) / N
loss = recon + kl

dxhat = (xhat - x) / N
db = np.sum(dxhat, axis=0)
dWdec = np.zeros((K, D))
dz = np.zeros((N, K))
dsigma = np.zeros((N, K))
dmu = np.zeros((N, K))
dlogvar = np.zeros((N, K))
for i in range(N):
    dWdec += np.outer(z[i], dxhat[i])
    dz[i] = Wdec @ dxhat[i]
    for k in range(K):
        dsigma[i, k] = dz[i, k]  #> dsigma wrong, first; code weight-factor-missing
        dmu[i, k] = dz[i, k]  #> dmu wrong; code branch-contribution-missing
        dlogvar[i, k] = 0.5 * dsigma[i, k] * sigma[i, k] + 0.5 * (np.exp(logvar[i, k]) - 1) / N
dWmu = x.T @ dmu
dWlogvar = x.T @ dlogvar
