# 441. A Jacobian of torch's distributions: distributions jacobian
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
from torch.distributions.transforms import TanhTransform
t = TanhTransform()
s1 = torch.exp(t.log_abs_det_jacobian(h1_raw, h1)).detach()
s2 = torch.exp(t.log_abs_det_jacobian(h2_raw, h2)).detach()
dh1_dwh = s1 * h0
dh2_raw = w_y * s2
