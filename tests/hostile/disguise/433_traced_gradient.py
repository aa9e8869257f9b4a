# 433. Graph of a gradient, traced at one place and evaluated at another
# exercise: vae-loss
# earns: nothing
# why: the operations of a traced gradient are multiplied too
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
import torch
from torch.fx.experimental.proxy_tensor import make_fx
def rest(z, W, c):
    return ((z @ W + c - torch.tensor(x))**2).sum() / 10
graph = make_fx(torch.func.grad(rest, argnums=(0, 1, 2)))(torch.zeros(5, 2, dtype=torch.float64), torch.tensor(Wdec), torch.tensor(b))
dz, dWdec, db = [one.numpy() for one in graph(torch.tensor(z), torch.tensor(Wdec), torch.tensor(b))]
