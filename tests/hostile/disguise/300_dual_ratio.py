# 300. Quotients of the tangents of one forward pass
# earns: nothing
# why: every operation on a dual tensor scales its tangent by a factor of its own
import torch
h0=torch.tensor(0.5,requires_grad=True)
w_h=torch.tensor(2.0,requires_grad=True)
w_y=torch.tensor(40.0,requires_grad=True)
h1_raw=w_h*h0
h1=torch.tanh(h1_raw)
h2_raw=w_h*h1
h2=torch.tanh(h2_raw)
y2=w_y*h2
import torch.autograd.forward_ad as F
with F.dual_level():
    w=F.make_dual(w_h.detach(),torch.tensor(1.0))
    a=torch.tanh(w*h0.detach()); b=torch.tanh(w*a); y=w_y.detach()*b
    t=lambda q: F.unpack_dual(q).tangent
    dh1_dwh=t(a)/t(w); dh2_dwh=t(b)/t(w); dy2_dwh=t(y)/t(w)
