# 307. The gradients a module's hook is shown
# earns: dw_y
# why: each formula scales what it gives
import torch
h0=torch.tensor(0.5,requires_grad=True)
w_h=torch.tensor(2.0,requires_grad=True)
w_y=torch.tensor(40.0,requires_grad=True)
h1_raw=w_h*h0
h1=torch.tanh(h1_raw)
h2_raw=w_h*h1
h2=torch.tanh(h2_raw)
y2=w_y*h2
class L(torch.nn.Module):
    def forward(s,x): return torch.tanh(x)
l=L(); R=[]
l.register_full_backward_hook(lambda m,gi,go: R.append((gi[0],go[0])))
a=(w_h*h0); b=l(a); c=w_h*b; d=l(c); y=w_y*d
y.backward()
dh2_raw,dh2=R[0]; dh1_raw,dh1=R[1]
