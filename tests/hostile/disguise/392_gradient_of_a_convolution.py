# 392. The gradient of a convolution of one entry
# earns: nothing
# why: a formula of torch's own
import torch
h0 = torch.tensor(0.5, requires_grad=True)
w_h = torch.tensor(2.0, requires_grad=True)
w_y = torch.tensor(40.0, requires_grad=True)
h1_raw = w_h*h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h*h1
h2 = torch.tanh(h2_raw)
y2 = w_y*h2

from torch.nn import grad as G
x = h1.detach().reshape(1,1,1).double(); w = w_h.detach().reshape(1,1,1).double()
dh1 = G.conv1d_input(x.shape, w, ((1-h2**2)).detach().reshape(1,1,1).double()*w_y.detach()).reshape(())
