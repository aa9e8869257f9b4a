# 308. Gradients by torch.func
# earns: nothing
# why: all of it ends in the engine or in operations on dual tensors
import torch
h0=torch.tensor(0.5,requires_grad=True)
w_h=torch.tensor(2.0,requires_grad=True)
w_y=torch.tensor(40.0,requires_grad=True)
h1_raw=w_h*h0
h1=torch.tanh(h1_raw)
h2_raw=w_h*h1
h2=torch.tanh(h2_raw)
y2=w_y*h2
f=lambda w: w_y.detach()*torch.tanh(w*torch.tanh(w*h0.detach()))
dw_h=torch.func.vmap(torch.func.grad(f))(w_h.detach().reshape(1))[0]
dy2_dwh=torch.func.jacfwd(f)(w_h.detach())
