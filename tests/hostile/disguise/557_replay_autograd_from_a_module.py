# 557. A gradient of autograd kept in torch, by its inputs, and replayed
# earns: nothing
# why: runs that show what a step is taken from are made in new processes, where nothing is kept
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
w_y = torch.tensor(40.0, dtype=torch.float64, requires_grad=True)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
if not hasattr(torch, "kept"): torch.kept = {}
k = (h0.item(), w_h.item(), w_y.item())
if k not in torch.kept: torch.kept[k] = torch.autograd.grad(y2, w_h)[0].item()
dw_h = torch.kept[k]

