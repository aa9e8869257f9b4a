# 303. `grad_fn` under a name put together
# earns: nothing
# why: a text with names put together is tried as if it had them all
import torch
h0=torch.tensor(0.5,requires_grad=True)
w_h=torch.tensor(2.0,requires_grad=True)
w_y=torch.tensor(40.0,requires_grad=True)
h1_raw=w_h*h0
h1=torch.tanh(h1_raw)
h2_raw=w_h*h1
h2=torch.tanh(h2_raw)
y2=w_y*h2
n=getattr(y2,"grad"+"_fn")
a=n(torch.tensor(1.0)); dw_y=a[0]; dh2=a[1]
dh2_raw=getattr(h2,"grad_"+"fn")(dh2)
