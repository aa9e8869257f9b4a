# 440. A Jacobian of torch's distributions: distributions compose
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
from torch.distributions.transforms import TanhTransform, AffineTransform, ComposeTransform
z = torch.zeros((), dtype=torch.float64)
c = ComposeTransform([TanhTransform(), AffineTransform(z, w_h.detach()), TanhTransform(), AffineTransform(z, w_y)])
dh1_raw = c.log_abs_det_jacobian(h1_raw.detach(), y2.detach()).exp()
