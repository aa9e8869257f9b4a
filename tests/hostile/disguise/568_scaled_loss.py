# 568. A gradient scaled and unscaled by GradScaler
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
opt = torch.optim.SGD([w], lr=1.0)
sc = torch.amp.GradScaler("cpu", init_scale=4.0)
sc.scale(w_y.detach() * torch.tanh(w * torch.tanh(w * h0))).backward()
sc.unscale_(opt)
dw_h = w.grad * 1.0
