# 600. A formula of torch that writes into a buffer
# earns: nothing
# why: each formula of torch gives another value in a scaled run, also where it writes into a buffer, or is called below the modes
import torch
h0 = torch.tensor(0.5, dtype=torch.float64)
w_h = torch.tensor(2.0, dtype=torch.float64)
w_y = torch.tensor(40.0, dtype=torch.float64)
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
buf = torch.empty_like(h2)
torch.ops.aten.tanh_backward.grad_input(w_y, h2, grad_input=buf)
dh2_raw = buf
b2 = torch.empty_like(h1)
torch.ops.aten.tanh_backward.grad_input(w_h * dh2_raw, h1, grad_input=b2)
dh1_raw = b2
