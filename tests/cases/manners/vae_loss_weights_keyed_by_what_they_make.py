# exercise: vae-loss
import numpy as np
r = np.random.default_rng(0)
x, eps = r.normal(size=(5, 4)), r.normal(size=(5, 2))
theta = dict(mu=r.normal(size=(4, 2)), logvar=r.normal(size=(4, 2)) / 3, dec=r.normal(size=(2, 4)))
b = r.normal(size=4)
Wmu, Wlogvar, Wdec = theta["mu"], theta["logvar"], theta["dec"]
mu, logvar = (x @ theta[k] for k in ("mu", "logvar"))
sigma = np.exp(logvar / 2); z = mu + sigma * eps; xhat = z @ theta["dec"] + b
recon = ((xhat - x) ** 2).sum() / 10; kl = (mu ** 2 + np.exp(logvar) - 1 - logvar).sum() / 10; loss = recon + kl
dxhat = (xhat - x) / 5; dWdec = z.T @ dxhat; db = dxhat.sum(0); dz = dxhat @ theta["dec"].T
dsigma = dz * eps; dmu = dz + mu / 5; dlogvar = dsigma * sigma / 2 + (np.exp(logvar) - 1) / 10
dWmu, dWlogvar = x.T @ dmu, x.T @ dlogvar
