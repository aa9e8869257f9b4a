# 411. The formulas of autograd as torch has them in Python
# earns: nothing
# why: such a formula gives multiplied results, as the operation does
import torch
from torch._decomp.decompositions import tanh_backward
h0 = torch.tensor(0.5)
w_h = torch.tensor(2.0)
w_y = torch.tensor(40.0)
h1_raw = w_h*h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h*h1
h2 = torch.tanh(h2_raw)
y2 = w_y*h2
dh2_raw = tanh_backward(w_y, h2)
dh1_raw = tanh_backward(w_h*dh2_raw, h1)
dh1_dwh = tanh_backward(h0, h1)
