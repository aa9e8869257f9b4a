# exercise: vae-loss
import torch
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
class Lin(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z, W, b):
        ctx.save_for_backward(z, W)
        return z @ W + b
    @staticmethod
    def backward(ctx, g):
        z, W = ctx.saved_tensors
        return g @ W.T, z.T @ g, g.sum(0)
t_ = [torch.tensor(o, requires_grad=True) for o in (z, Wdec, b)]
Lin.apply(*t_).backward(torch.tensor(dxhat))
dz, dWdec, db = [o.grad.numpy() for o in t_]
dsigma = dz * eps
dmu = dz + mu / N
dlogvar = dsigma * sigma / 2 + (np.exp(logvar) - 1) / (2 * N)
dWmu = x.T @ dmu
dWlogvar = x.T @ dlogvar
