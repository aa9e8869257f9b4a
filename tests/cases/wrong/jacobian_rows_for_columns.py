# exercise: softmax-jacobian
# Rows and columns are mixed up, and the sum over the table's columns is left out.

import torch

z = torch.tensor([0.9, -0.4, 0.3, -1.2])
u = torch.tensor([0.7, -1.1, 0.4, 1.6])
v = torch.tensor([-0.5, 1.3, 0.8, -0.6])

e = torch.exp(z)
s = e.sum()
p = e / s
loss = (u * p).sum()

ds_dz = e
dp_de = torch.eye(4) / s - e / s**2  #> dp_de wrong, first
dp_dz = torch.diag(p) - torch.outer(p, p)
dp_v = dp_dz * v  #> dp_v wrong shape
dz = p * (u - (u * p).sum())
