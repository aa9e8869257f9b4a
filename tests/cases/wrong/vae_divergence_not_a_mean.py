# exercise: vae-loss
# The divergence is divided by the number of examples in the loss, and not in its derivative.
# #> dWmu carried by dmu

import torch

torch.manual_seed(2)
x = torch.randn(5, 4)
Wmu = torch.randn(4, 2) / 2
Wlogvar = torch.randn(4, 2) / 3
Wdec = torch.randn(2, 4)
b = torch.randn(4) / 2
eps = torch.randn(5, 2)


class VAE:
    def __init__(self, Wmu, Wlogvar, Wdec, b):
        self.Wmu, self.Wlogvar, self.Wdec, self.b = Wmu, Wlogvar, Wdec, b

    def encode(self, x):
        self.mu = x @ self.Wmu
        self.logvar = x @ self.Wlogvar

    def reparametrise(self, eps):
        self.sigma = torch.exp(0.5 * self.logvar)
        self.z = self.mu + eps * self.sigma

    def decode(self):
        self.xhat = self.z @ self.Wdec + self.b

    def loss(self, x):
        self.recon = 0.5 * (x - self.xhat).pow(2).sum() / len(x)
        self.kl = -0.5 * torch.sum(1 + self.logvar - self.mu.pow(2) - self.logvar.exp()) / len(x)
        return self.recon + self.kl

    def backward(self, x, eps):
        n = len(x)
        self.dxhat = -(x - self.xhat) / n
        self.dWdec = self.z.t() @ self.dxhat
        self.db = self.dxhat.sum(dim=0)
        self.dz = self.dxhat @ self.Wdec.t()
        self.dmu = self.dz + self.mu  #> dmu wrong, first; put self.mu / n
        self.dsigma = eps * self.dz
        self.dlogvar = 0.5 * self.dsigma * self.sigma - 0.5 * (1 - self.logvar.exp()) / n
        self.dWmu = x.t() @ self.dmu
        self.dWlogvar = x.t() @ self.dlogvar


vae = VAE(Wmu, Wlogvar, Wdec, b)
vae.encode(x)
vae.reparametrise(eps)
vae.decode()
loss = vae.loss(x)
vae.backward(x, eps)
