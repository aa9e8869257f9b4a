# exercise: vae-loss
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(5, 4))
Wmu = rng.uniform(-0.8, 0.8, size=(4, 2))
Wlogvar = rng.uniform(-0.6, 0.6, size=(4, 2))
Wdec = rng.normal(size=(2, 4))
b = rng.uniform(-0.5, 0.5, size=4)
eps = rng.normal(size=(5, 2))
N, D = x.shape
K = Wmu.shape[1]
mu = x @ Wmu
logvar = x @ Wlogvar
sigma = np.exp(0.5 * logvar)
z = mu + sigma * eps
xhat = z @ Wdec + b
recon = ((xhat - x) ** 2).sum() / (2 * N)
kl = (mu**2 + np.exp(logvar) - 1 - logvar).sum() / (2 * N)
loss = recon + kl

dxhat = np.array([[(xhat[i, j] - x[i, j]) / N for j in range(D)] for i in range(N)])
dWdec = sum(np.outer(z[i], dxhat[i]) for i in range(N))
db = np.array([sum(dxhat[i, j] for i in range(N)) for j in range(D)])
dz = np.array([Wdec @ dxhat[i] for i in range(N)])
dsigma = np.zeros((N, K))
dmu = np.zeros((N, K))
dlogvar = np.zeros((N, K))
for i in range(N):
    for k in range(K):
        dsigma[i, k] = dz[i, k] * eps[i, k]
        dmu[i, k] = dz[i, k] + mu[i, k] / N
        dlogvar[i, k] = 0.5 * dsigma[i, k] * sigma[i, k] + 0.5 * (np.exp(logvar[i, k]) - 1) / N
dWmu = np.zeros((D, K))
dWlogvar = np.zeros((D, K))
for i in range(N):
    for j in range(D):
        dWmu[j] += x[i, j] * dmu[i]
        dWlogvar[j] += x[i, j] * dlogvar[i]
