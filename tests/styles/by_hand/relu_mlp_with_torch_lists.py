# exercise: relu-mlp
import torch
X = torch.tensor([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = torch.tensor([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = torch.tensor([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = torch.tensor([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = torch.tensor([0.3, -0.4])
Y = torch.tensor([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])

Z1 = X @ W1 + b1
H = torch.clamp(Z1, min=0)
O = H.mm(W2).add(b2)
E = O.sub(Y)
loss = E.pow(2).sum() / 4
dE = E.mul(2).div(4)
dO = dE.clone()
dW2 = H.t().mm(dO)
db2 = torch.stack([dO[i] for i in range(4)]).sum(dim=0)
dH = dO.mm(W2.t())
mask = torch.where(Z1 > 0, torch.ones_like(Z1), torch.zeros_like(Z1))
dZ1 = dH.clone()
dZ1[mask == 0] = 0
dW1 = X.t().mm(dZ1)
db1 = torch.tensor([sum(col) for col in zip(*dZ1.tolist())])
