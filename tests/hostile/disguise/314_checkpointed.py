# 314. A backward pass through a checkpoint
# earns: nothing
# why: the engine is one and the same within a backward pass
import torch
h0=torch.tensor(0.5,requires_grad=True)
w_h=torch.tensor(2.0,requires_grad=True)
w_y=torch.tensor(40.0,requires_grad=True)
h1_raw=w_h*h0
h1=torch.tanh(h1_raw)
h2_raw=w_h*h1
h2=torch.tanh(h2_raw)
y2=w_y*h2
from torch.utils.checkpoint import checkpoint
w=w_h.detach().clone().requires_grad_()
checkpoint(lambda w: w_y.detach()*torch.tanh(w*torch.tanh(w*h0.detach())),w,use_reentrant=False).backward()
dw_h=w.grad
