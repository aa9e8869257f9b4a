# exercise: relu-mlp
import torch

X = torch.tensor([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = torch.tensor([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = torch.tensor([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = torch.tensor([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = torch.tensor([0.3, -0.4])
Y = torch.tensor([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])

Z1 = X @ W1 + b1
H = Z1.clamp(min=0)
O = H @ W2 + b2
E = O - Y
loss = E.pow(2).sum() / X.size(0)

dE = 2 * E / X.size(0)
dO = dE
dW2 = H.t() @ dO
db2 = dO.sum(dim=0)
dH = dO @ W2.t()
mask = Z1 > 0
dZ1 = dH.clone()
dZ1.masked_fill_(~mask, 0.0)
dW1 = X.t().mm(dZ1)
db1 = dZ1.sum(0)
