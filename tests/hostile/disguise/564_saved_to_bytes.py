# 564. A gradient of autograd saved to bytes and loaded
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

import io
y2.backward()
b=io.BytesIO(); torch.save({"g":w_h.grad},b); b.seek(0)
dw_h=torch.load(b)["g"].item()
