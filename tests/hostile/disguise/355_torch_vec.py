# 355. Six nodes in one tensor
# earns: nothing
# why: a step that grows by the slope that is added to a function was computed from its values
import torch
h0=torch.tensor(0.5)
w_h=torch.tensor(2.0)
w_y=torch.tensor(40.0)
h1_raw=w_h*h0
h1=torch.tanh(h1_raw)
h2_raw=w_h*h1
h2=torch.tanh(h2_raw)
y2=w_y*h2
def f(w): return w_y*torch.tanh(w*torch.tanh(w*h0))
e=2.0**-8*torch.tensor([-3.,-2,-1,1,2,3],dtype=torch.float64)
c=torch.tensor([-1.,9,-45,45,-9,1],dtype=torch.float64)/60
dw_h=(c*f(w_h+e)).sum()*2**8
