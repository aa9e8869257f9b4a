# 310. `grad_fn` in a text that is run
# earns: nothing
# why: a text that runs texts is tried as if it had all names
import torch
h0=torch.tensor(0.5,requires_grad=True)
w_h=torch.tensor(2.0,requires_grad=True)
w_y=torch.tensor(40.0,requires_grad=True)
h1_raw=w_h*h0
h1=torch.tanh(h1_raw)
h2_raw=w_h*h1
h2=torch.tanh(h2_raw)
y2=w_y*h2
exec("a=y2.gr"+"ad_fn(torch.tensor(1.0)); dw_y=a[0]; dh2=a[1]")
dh2_raw=eval("h2.gr"+"ad_fn")(dh2)
