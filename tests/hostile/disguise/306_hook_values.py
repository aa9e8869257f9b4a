# 306. Quotients of the gradients that hooks are shown
# earns: nothing
# why: each formula scales what it gives by a factor of its own
import torch
h0=torch.tensor(0.5,requires_grad=True)
w_h=torch.tensor(2.0,requires_grad=True)
w_y=torch.tensor(40.0,requires_grad=True)
h1_raw=w_h*h0
h1=torch.tanh(h1_raw)
h2_raw=w_h*h1
h2=torch.tanh(h2_raw)
y2=w_y*h2
G={}
for n,q in dict(h1_raw=h1_raw,h1=h1,h2_raw=h2_raw,h2=h2).items(): q.register_hook(lambda g,n=n: G.__setitem__(n,g.clone()))
y2.backward()
dh2=G["h2"]/1; dh2_raw=G["h2_raw"]/G["h2"]*w_y.detach(); dh1=G["h1"]; dh1_raw=G["h1_raw"]
