# exercise: rnn
# Families as rows of tensors; the weights' gradients in one product each.

import torch

T = 4
W, U, b = torch.rand(3, 3) - 0.5, torch.rand(3, 2) - 0.5, torch.rand(3) - 0.5
x, y, h0 = torch.randn(T + 1, 2), torch.rand(T + 1, 3), torch.rand(3)
a, h = torch.zeros(T + 1, 3), torch.zeros(T + 1, 3)
h[0] = h0
for t in range(1, T + 1):
    a[t] = W @ h[t - 1] + U @ x[t] + b
    h[t] = a[t].tanh()
L = (h[1:] - y[1:]).square().sum() / 2

dh, da = torch.zeros(T + 2, 3), torch.zeros(T + 2, 3)
for t in range(T, 0, -1):
    dh[t] = h[t] - y[t] + da[t + 1] @ W
    da[t] = (1 - h[t] ** 2) * dh[t]
dW = da[1 : T + 1].T @ h[:T]
dU = da[1 : T + 1].T @ x[1:]
db = da[1 : T + 1].sum(0)
dh0 = W.T @ da[1]
