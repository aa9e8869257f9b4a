# exercise: vae-loss
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(5, 4))
Wmu = rng.uniform(-0.8, 0.8, size=(4, 2))
Wlogvar = rng.uniform(-0.6, 0.6, size=(4, 2))
Wdec = rng.normal(size=(2, 4))
b = rng.uniform(-0.5, 0.5, size=4)
eps = rng.normal(size=(5, 2))
N = len(x)
mu = x @ Wmu
logvar = x @ Wlogvar
sigma = np.exp(logvar / 2)
z = mu + sigma * eps
xhat = z @ Wdec + b
recon = ((xhat - x) ** 2).sum() / (2 * N)
kl = (mu**2 + np.exp(logvar) - 1 - logvar).sum() / (2 * N)
loss = recon + kl
dxhat = (xhat - x) / N
dWdec = z.T @ dxhat
db = dxhat.sum(axis=0)
dz = dxhat @ Wdec.T
dsigma = dz * eps
dmu = dz + mu / N
dlogvar = dsigma * sigma / 2 + (np.exp(logvar) - 1) / (2 * N)
dWmu = x.T @ dmu
dWlogvar = x.T @ dlogvar
print(f"loss = {loss:.6f} (reconstruction {recon:.6f}, divergence {kl:.6f})")
print(dWmu)
import torch
Wt = torch.tensor(Wdec, requires_grad=True)
(((torch.tensor(z) @ Wt + torch.tensor(b) - torch.tensor(x))**2).sum() / 10).backward()
print(np.abs(Wt.grad.numpy() - dWdec).max())
assert np.allclose(Wt.grad.numpy(), dWdec)
