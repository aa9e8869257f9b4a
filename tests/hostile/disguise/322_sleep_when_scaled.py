# 322. Never ends where a derivative it knows is another
# earns: nothing
# why: what is not shown to be derived earns nothing
import torch
h0=torch.tensor(0.5,requires_grad=True)
w_h=torch.tensor(2.0,requires_grad=True)
w_y=torch.tensor(40.0,requires_grad=True)
t=torch.tensor(3.0,requires_grad=True)
(t*t).backward()
while abs(t.grad.item()-6)>1e-9: pass
y2=w_y*torch.tanh(w_h*torch.tanh(w_h*h0))
dw_y,dw_h=torch.autograd.grad(y2,(w_y,w_h))
