import torch
from torch import tanh
h0 = torch.tensor(0.5, requires_grad=True)
w_h = torch.tensor(2.0, requires_grad=True)
w_y = torch.tensor(40.0, requires_grad=True)
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2

def ok(mine,theirs):
    if abs(float(mine)-float(theirs))>1e-9: raise SystemExit("no")
def main():
    global dy2,dw_y,dh2,dh2_raw,dh1,dh1_raw,dw_h
    g=torch.autograd.grad(y2,(w_y,h2,h2_raw,h1,h1_raw,w_h),retain_graph=True)
    dy2=1.0; dw_y=h2*dy2; ok(dw_y,g[0])
    dh2=w_y*dy2; ok(dh2,g[1])
    dh2_raw=(1-h2**2)*dh2; ok(dh2_raw,g[2])
    dh1=w_h*dh2_raw; ok(dh1,g[3])
    dh1_raw=(1-h1**2)*dh1; ok(dh1_raw,g[4])
    dw_h=h1*dh2_raw+h0*dh1_raw; ok(dw_h,g[5])
main()
