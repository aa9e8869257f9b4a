# exercise: vae-loss
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(5, 4)); Wmu = rng.uniform(-.8, .8, size=(4, 2)); Wlogvar = rng.uniform(-.6, .6, size=(4, 2))
Wdec = rng.normal(size=(2, 4)); b = rng.uniform(-.5, .5, size=4); eps = rng.normal(size=(5, 2))
def encoder(x):
    mu, logvar = x @ Wmu, x @ Wlogvar
    return mu, logvar, lambda dmu, dlogvar: (x.T @ dmu, x.T @ dlogvar)
def sample(mu, logvar):
    sigma = np.exp(.5 * logvar)
    def back(dz):
        dsigma = dz * eps
        return dz, dsigma, .5 * sigma * dsigma
    return sigma, mu + sigma * eps, back
def decoder(z):
    return z @ Wdec + b, lambda d: (d @ Wdec.T, z.T @ d, d.sum(0))
def losses(xhat, mu, logvar):
    n = x.shape[0]
    recon = .5 * np.sum((xhat - x) ** 2) / n
    kl = -.5 * np.sum(1 + logvar - mu ** 2 - np.exp(logvar)) / n
    def back():
        return (xhat - x) / n, mu / n, .5 * (np.exp(logvar) - 1) / n
    return recon, kl, back
mu, logvar, back_encoder = encoder(x)
sigma, z, back_sample = sample(mu, logvar)
xhat, back_decoder = decoder(z)
recon, kl, back_losses = losses(xhat, mu, logvar)
loss = recon + kl
dxhat, dmu_kl, dlogvar_kl = back_losses()
dz, dWdec, db = back_decoder(dxhat)
dmu_z, dsigma, dlogvar_z = back_sample(dz)
dmu, dlogvar = dmu_z, dlogvar_kl + dlogvar_z  #> guilty
dWmu, dWlogvar = back_encoder(dmu, dlogvar)
