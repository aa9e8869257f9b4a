# 563. The slope of tanh from the gradient that torch has for another function
# earns: nothing
# why: it moves with the gradients that torch gives
import torch
h0=torch.tensor(0.5,requires_grad=True)
w_h=torch.tensor(2.0,requires_grad=True)
w_y=torch.tensor(40.0,requires_grad=True)
h1_raw=w_h*h0
h1=torch.tanh(h1_raw)
h2_raw=w_h*h1
h2=torch.tanh(h2_raw)
y2=w_y*h2

# tanh' by the gradient of logsigmoid: log_sigmoid'(x)=1-sigmoid(x); tanh'(x)=4 s(2x)(1-s(2x))
L=torch.ops.aten.log_sigmoid_backward
def ds(x): 
    o,b=torch.ops.aten.log_sigmoid_forward(2*x.detach())
    g=L(torch.tensor(1.0,dtype=x.dtype),2*x.detach(),b)
    return 4*g*(1-g)
dh1_dwh=ds(h1_raw)*h0.detach(); dh2_raw=w_y.detach()*ds(h2_raw)
