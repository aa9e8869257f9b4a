# exercise: batch-norm
# A comma where a dot should be.
# #> dvar carried
# #> ddiff2 carried
# #> ddiff carried
# #> dx carried

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
dinv = (diff * draw),sum(0, keepdim=True)  #> dinv wrong raised, first
dvar = (-0.5*(var + 1e-5)**-1.5) * dinv
ddiff2 = (1.0/(n-1))*torch.ones_like(diff2) * dvar
ddiff += (2*diff) * ddiff2
dx = ddiff.clone()
dmean = (-ddiff).sum(0)
dx += 1.0/n * (torch.ones_like(x) * dmean)
