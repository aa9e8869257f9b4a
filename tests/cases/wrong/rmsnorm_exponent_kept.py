# exercise: rms-norm
# The power rule takes nothing off the exponent.
# #> dx carried by dms

import torch

x = torch.randn(4, 6)
gamma = torch.rand(6) + 0.5
dout = torch.randn(4, 6)


class RMSNorm:
    def __init__(self, weight):
        self.gamma = weight

    def forward(self, x):
        self.x = x
        self.ms = x.pow(2).mean(-1, keepdim=True)
        self.r = torch.rsqrt(self.ms + 1e-5)
        self.xhat = x * self.r
        return self.gamma * self.xhat

    def backward(self, dout):
        self.dgamma = torch.sum(dout * self.xhat, dim=0)
        self.dxhat = dout * self.gamma
        self.dr = torch.sum(self.dxhat * self.x, dim=1, keepdim=True)
        self.dms = self.dr * -0.5 * (self.ms + 1e-5) ** -0.5  #> dms wrong, first; put -1.5
        self.dx = self.r * self.dxhat + 2 / self.x.shape[1] * self.x * self.dms
        return self.dx


norm = RMSNorm(gamma)
out = norm.forward(x)
loss = (out * dout).sum()
norm.backward(dout)
