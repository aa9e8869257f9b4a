# exercise: sigmoid
# s - t is the derivative for a cross-entropy; for a squared error the slope of the sigmoid is missing.

import torch

x = torch.tensor(1.5)
w = torch.tensor(1.2, requires_grad=True)
b = torch.tensor(-0.5, requires_grad=True)
t = torch.tensor(0.1)

z = w * x + b
s = torch.sigmoid(z)
e = s - t
loss = e**2

with torch.no_grad():
    de = 2 * e
    ds = de
    ds_dz = s * (1 - s)
    dz = s - t  #> dz wrong, first
    dw = dz * x  #> dw carried by dz
    db = dz * 1  #> db carried by dz
    dx = dz * w  #> dx carried by dz
loss.backward()
print(dw, w.grad)
