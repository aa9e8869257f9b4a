# exercise: batch-norm
# The gradient that reaches x by the mean is computed and not used.

import torch

x = torch.randn(5, 3)
gamma = torch.rand(3) + 0.5
beta = torch.randn(3)
dout = torch.randn(5, 3)
n = x.shape[0]

mean = x.mean(0, keepdim=True)
diff = x - mean
diff2 = diff**2
var = 1/(n-1)*(diff2).sum(0, keepdim=True)
inv = (var + 1e-5)**-0.5
raw = diff * inv
out = gamma * raw + beta
loss = (dout * out).sum()

draw = gamma * dout
dgamma = (raw * dout).sum(0)
dbeta = dout.sum(0)
ddiff = inv * draw
dinv = (diff * draw).sum(0, keepdim=True)
dvar = (-0.5*(var + 1e-5)**-1.5) * dinv
ddiff2 = (1.0/(n-1))*torch.ones_like(diff2) * dvar
ddiff += (2*diff) * ddiff2
dx = ddiff.clone()  #> dx wrong, first
dmean = (-ddiff).sum(0)
