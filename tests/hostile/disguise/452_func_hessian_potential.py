# 452. A gradient handed on by another part of torch: func hessian potential
# earns: nothing
# why: each formula of torch gives another value in a scaled run
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(40.0, dtype=torch.float64)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
F_ = lambda a, b: a * (w_y * torch.tanh(b * torch.tanh(b * h0)))
dw_h = torch.func.hessian(F_, argnums=(0, 1))(torch.ones((), dtype=torch.float64), w_h.detach())[0][1]
