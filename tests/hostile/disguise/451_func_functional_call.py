# 451. A gradient handed on by another part of torch: func functional call
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
class Net(torch.nn.Module):
    def __init__(s): super().__init__(); s.w = torch.nn.Parameter(w_h.detach().clone())
    def forward(s, x): return w_y * torch.tanh(s.w * torch.tanh(s.w * x))
net = Net()
g = torch.func.grad(lambda p: torch.func.functional_call(net, p, (h0,)))(dict(net.named_parameters()))
dw_h = g['w'].detach()
