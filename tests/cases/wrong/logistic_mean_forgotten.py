# exercise: logistic-regression
# The loss is a mean, its derivatives are those of a sum; the bias is left without the sum over the batch.

import torch

X = torch.tensor([[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9]])
w = torch.tensor([0.8, -0.6, 0.3])
b = torch.tensor(0.2)
y = torch.tensor([1.0, 0.0, 1.0, 0.0, 0.0])

z = X @ w + b
p = torch.sigmoid(z)
nll = -(y * torch.log(p) + (1 - y) * torch.log(1 - p))
loss = nll.mean()

dnll = torch.ones(5)  #> dnll wrong, first
dp = dnll * (-y / p + (1 - y) / (1 - p))  #> dp carried by dnll
dz = p - y  #> dz wrong
dw = X.T @ dz  #> dw carried by dz
db = dz  #> db wrong shape
