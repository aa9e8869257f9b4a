# 304. From node to node of the graph
# earns: nothing
# why: each node that is called gives its derivatives scaled
import torch
h0=torch.tensor(0.5,requires_grad=True)
w_h=torch.tensor(2.0,requires_grad=True)
w_y=torch.tensor(40.0,requires_grad=True)
h1_raw=w_h*h0
h1=torch.tanh(h1_raw)
h2_raw=w_h*h1
h2=torch.tanh(h2_raw)
y2=w_y*h2
a=y2.grad_fn(torch.tensor(1.0)); dh2=a[1]; n=y2.grad_fn.next_functions[1][0]
dh2_raw=n(dh2); m=n.next_functions[0][0]; c=m(dh2_raw); dh1=c[1]; dh1_raw=m.next_functions[1][0](dh1)
