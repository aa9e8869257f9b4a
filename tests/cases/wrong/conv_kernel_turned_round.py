# exercise: conv1d
# A convolution as in mathematics, with the kernel turned round on the way back.
# #> dx carried by dxpad

import torch
import torch.nn.functional as F

x = torch.randn(2, 3, 8)
w = torch.randn(4, 3, 5)
b = torch.randn(4)
dout = torch.randn(2, 4, 6)

xpad = F.pad(x, (1, 1))
out = F.conv1d(xpad, w, b)
loss = (out * dout).sum()

windows = xpad.unfold(2, 5, 1)
db = dout.sum((0, 2))
dw = torch.einsum('nft,nctk->fck', dout, windows)
dxpad = torch.zeros_like(xpad)
for k in range(5):
    dxpad[:, :, k:k + 6] += torch.einsum('nft,fc->nct', dout, w[:, :, 4 - k])  #> dxpad wrong, first
dx = dxpad[:, :, 1:9]
