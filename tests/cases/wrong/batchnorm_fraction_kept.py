# exercise: batch-norm
# The exponent, written as a fraction, has not gone down by one.
# #> ddiff2 carried
# #> ddiff carried
# #> dx carried
import torch

torch.manual_seed(1)
N, D = 5, 3
x = torch.randn(N, D)
gamma = torch.rand(D) + 0.5
beta = torch.rand(D)
dout = torch.randn(N, D)

mean = x.sum(0, keepdim=True) / N
diff = x - mean
diff2 = diff * diff
var = diff2.sum(0, keepdim=True) / (N - 1)
inv = 1 / torch.sqrt(var + 1e-5)
raw = diff * inv
out = gamma * raw + beta
loss = (out * dout).sum()

dgamma = torch.sum(dout * raw, 0)
dbeta = torch.sum(dout, 0)
draw = dout * gamma
dinv = torch.sum(draw * diff, dim=0, keepdim=True)
dvar = -0.5 * dinv * (var + 1e-5)**(-1/2)  #> dvar wrong, first; code power-rule-exponent-kept; put -3
ddiff2 = dvar / (N - 1) * torch.ones_like(diff)
ddiff = draw * inv
ddiff += 2 * diff * ddiff2
dmean = -ddiff.sum(0, keepdim=True)
dx = ddiff.clone()
dx += dmean / N
