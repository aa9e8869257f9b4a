# exercise: conv2d-pool
import torch
torch.manual_seed(3)
x = torch.randn(2, 3, 6, 8); w = torch.randn(5, 3, 3, 3) * .5; b = torch.randn(5); dout = torch.randn(2, 5, 2, 3)
a = torch.zeros(2, 5, 4, 6)
for i in range(4):
    for j in range(6):
        patch = x[:, :, i:i+3, j:j+3].reshape(2, 1, -1)
        a[:, :, i, j] = (patch * w.view(1, 5, -1)).sum(-1) + b
p = torch.stack([torch.stack([a[:, :, 2*i:2*i+2, 2*j:2*j+2].amax((2, 3)) for j in range(3)], -1) for i in range(2)], -2)
out = torch.clamp(p, min=0)
loss = (out * dout).sum()
dp = dout.clone(); dp[p <= 0] = 0
up = lambda t: t.repeat_interleave(2, 2).repeat_interleave(2, 3)
da = up(dp) * (a == up(p)).float()
db = da.flatten(2).sum((0, 2))
dw = torch.zeros_like(w); dx = torch.zeros_like(x)
for i in range(4):
    for j in range(6):
        grad = da[:, :, i, j]
        dw += torch.einsum("nf,nckl->fckl", grad, x[:, :, i:i+3, j:j+3])
        dx[:, :, i:i+3, j:j+3] += torch.einsum("nf,fckl->nckl", grad, w)
