# 313. What an optimizer's step of size 1 has subtracted
# earns: nothing
# why: the gradient it subtracts is scaled
import torch
h0=torch.tensor(0.5,requires_grad=True)
w_h=torch.tensor(2.0,requires_grad=True)
w_y=torch.tensor(40.0,requires_grad=True)
h1_raw=w_h*h0
h1=torch.tanh(h1_raw)
h2_raw=w_h*h1
h2=torch.tanh(h2_raw)
y2=w_y*h2
p=torch.nn.Parameter(w_h.detach().clone()); o=torch.optim.SGD([p],lr=1.0)
(w_y.detach()*torch.tanh(p*torch.tanh(p*h0.detach()))).backward(); o.step()
dw_h=w_h.detach()-p.detach()
