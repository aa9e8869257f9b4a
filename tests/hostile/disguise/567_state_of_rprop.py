# 567. The gradient that Rprop keeps
# earns: nothing
# why: it moves with the gradients that torch gives
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(1.2, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
w = w_h.detach().clone().requires_grad_()
opt = torch.optim.Rprop([w])
(w_y.detach() * torch.tanh(w * torch.tanh(w * h0))).backward()
opt.step()
dw_h = opt.state[w]["prev"].clone()
