# 311. The gradient of the logarithm, multiplied back
# earns: nothing
# why: what is computed from a scaled derivative moves
import torch
h0=torch.tensor(0.5,requires_grad=True)
w_h=torch.tensor(2.0,requires_grad=True)
w_y=torch.tensor(40.0,requires_grad=True)
h1_raw=w_h*h0
h1=torch.tanh(h1_raw)
h2_raw=w_h*h1
h2=torch.tanh(h2_raw)
y2=w_y*h2
L=torch.log(y2); L.backward()
dw_h=w_h.grad*y2.detach(); dw_y=w_y.grad*y2.detach()
