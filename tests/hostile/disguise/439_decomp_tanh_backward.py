# 439. A gradient handed on by another part of torch: decomp tanh backward
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
from torch._decomp import core_aten_decompositions
t = [f for k, f in core_aten_decompositions().items() if str(k).startswith('aten.tanh_backward')]
t = t or [f for k, f in torch._decomp.decomposition_table.items() if str(k).startswith('aten.tanh_backward')]
dh2_raw = t[0](w_y, h2.detach())
