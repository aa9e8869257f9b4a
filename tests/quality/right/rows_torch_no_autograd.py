# exercise: retold-rows
# Nothing asks for gradients.
import torch

n = 5
X = torch.randn(n, 3)
Y = torch.randn(n, 2)
W1 = torch.randn(3, 4)
b1 = torch.randn(4)
W2 = torch.randn(4, 2)
b2 = torch.randn(2)

Z1 = X @ W1 + b1
H = torch.relu(Z1)
P = H @ W2 + b2
E = P - Y
S = E**2
loss = S.sum() / n
with torch.no_grad():
    dE = 2.0 * E / n
    dP = dE
    dW2 = H.T @ dP
    db2 = dP.sum(0)
    dH = dP @ W2.T
    dZ1 = dH * (Z1 > 0)
    dW1 = X.T @ dZ1
    db1 = dZ1.sum(0)
