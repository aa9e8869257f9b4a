# 305. The node of a gradient edge
# earns: nothing
# why: a formula is scaled, whoever calls it
import torch
h0=torch.tensor(0.5,requires_grad=True)
w_h=torch.tensor(2.0,requires_grad=True)
w_y=torch.tensor(40.0,requires_grad=True)
h1_raw=w_h*h0
h1=torch.tanh(h1_raw)
h2_raw=w_h*h1
h2=torch.tanh(h2_raw)
y2=w_y*h2
e=torch.autograd.graph.get_gradient_edge(h2)
dh2_raw=e.node(w_y.detach()*1.0)
dh1_raw=torch.autograd.graph.get_gradient_edge(h1).node(w_h.detach()*dh2_raw)
