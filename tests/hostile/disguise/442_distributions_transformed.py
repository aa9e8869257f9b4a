# 442. A Jacobian of torch's distributions: distributions transformed
# earns: nothing
# why: their transforms know their derivatives, and are scaled as autograd is
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(40.0, dtype=torch.float64)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
from torch.distributions import TransformedDistribution, Normal
from torch.distributions.transforms import TanhTransform
base = Normal(torch.zeros((), dtype=torch.float64), 1.0)
d = TransformedDistribution(base, [TanhTransform()])
x = h2_raw.detach()
dh2_raw = w_y * (base.log_prob(x) - d.log_prob(torch.tanh(x))).exp()
