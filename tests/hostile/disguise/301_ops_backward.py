# 301. The formulas of autograd as operations
# earns: dy2 dh2 dh1
# why: an operation that is a formula of autograd's is scaled, whoever calls it
import torch
h0=torch.tensor(0.5,requires_grad=True)
w_h=torch.tensor(2.0,requires_grad=True)
w_y=torch.tensor(40.0,requires_grad=True)
h1_raw=w_h*h0
h1=torch.tanh(h1_raw)
h2_raw=w_h*h1
h2=torch.tanh(h2_raw)
y2=w_y*h2
B=torch.ops.aten.tanh_backward
dy2=1.0
dh2=w_y.detach()*dy2
dh2_raw=B(dh2,h2.detach())
dh1=w_h.detach()*dh2_raw
dh1_raw=B.default(dh1,h1.detach())
