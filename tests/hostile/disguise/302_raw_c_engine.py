# 302. An engine beside the usual one
# earns: nothing
# why: what an engine carries out that nobody is known to have called is scaled
import torch
h0=torch.tensor(0.5,requires_grad=True)
w_h=torch.tensor(2.0,requires_grad=True)
w_y=torch.tensor(40.0,requires_grad=True)
h1_raw=w_h*h0
h1=torch.tanh(h1_raw)
h2_raw=w_h*h1
h2=torch.tanh(h2_raw)
y2=w_y*h2
E=getattr(torch._C,"_Imperative"+"Engine")()
g=lambda q: E.run_backward((y2,),(torch.tensor(1.0),),True,False,(q,),False,accumulate_grad=False)[0]
dw_y=g(w_y);dh2=g(h2);dh2_raw=g(h2_raw);dh1=g(h1);dh1_raw=g(h1_raw);dw_h=g(w_h)
