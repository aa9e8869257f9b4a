# 566. The slope as a mixed second derivative
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
s = torch.zeros((), dtype=torch.float64)
G = lambda s: (s * (w_y.detach() * torch.tanh((w_h.detach() + 0 * s) * torch.tanh(w_h.detach() * h0))))
k = torch.autograd.functional.hessian(lambda a: a[0] * w_y.detach() * torch.tanh((w_h.detach() + a[1]) * torch.tanh((w_h.detach() + a[1]) * h0)), torch.zeros(2, dtype=torch.float64))
dw_h = k[0, 1]
