# exercise: batch-norm
import torch

x = torch.randn(5, 3, dtype=torch.double)
gamma = torch.rand(3, dtype=torch.double) + 0.5
beta = torch.rand(3, dtype=torch.double)
dout = torch.randn(5, 3, dtype=torch.double)
n = len(x)

mean = x.mean(0, keepdim=True)
diff = x - mean
diff2 = diff * diff
var = diff2.sum(0, keepdim=True) / (n - 1)
inv = torch.rsqrt(var + 1e-5)
raw = diff * inv
out = gamma * raw + beta
loss = (dout * out).sum()

dbeta = dout.sum(0)
dgamma = torch.einsum("ij,ij->j", dout, raw)
draw = dout * gamma
ddiff = torch.zeros_like(diff)
ddiff += draw * inv
dinv = (draw * diff).sum(0, keepdim=True)
dvar = -0.5 * inv**3 * dinv
ddiff2 = (dvar / (n - 1)).expand_as(diff2)
ddiff += 2 * diff * ddiff2
dx = torch.zeros_like(x)
dx += ddiff
dmean = ddiff.sum(0, keepdim=True).neg()
dx += dmean / n
