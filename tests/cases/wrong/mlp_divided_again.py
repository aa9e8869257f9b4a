# exercise: tanh-mlp
# No division by N where the mean is; a mean for the bias, which makes up for that; and a bias that decays.

import torch

X = torch.randn(5, 3)
y = torch.tensor([0, 1, 1, 0, 1])
W1 = torch.randn(3, 4)
b1 = torch.randn(4)
W2 = torch.randn(4, 2)
b2 = torch.randn(2)
reg = 0.1

Z = X @ W1 + b1
H = torch.tanh(Z)
logits = H @ W2 + b2
P = torch.softmax(logits, dim=1)
nll = -torch.log(P[torch.arange(5), y]).mean()
decay = reg / 2 * ((W1**2).sum() + (W2**2).sum())
loss = nll + decay

dlogits = P - torch.nn.functional.one_hot(y, 2)  #> dlogits wrong, first
dW2 = H.T @ dlogits + reg * W2  #> dW2 carried by dlogits
db2 = dlogits.mean(0)  #> db2 compensated
dH = dlogits @ W2.T  #> dH carried by dlogits
dZ = (1 - H**2) * dH  #> dZ carried by dlogits
dW1 = X.T @ dZ + reg * W1  #> dW1 carried by dlogits
db1 = dZ.sum(0) + reg * b1  #> db1 wrong
dX = dZ @ W1.T  #> dX carried by dlogits
