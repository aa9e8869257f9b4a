# exercise: rnn
# `H` is a size here, although `h` is a quantity, and arrays are drawn with it.
import torch

torch.manual_seed(0)
T, H, D = 4, 3, 2
W = (torch.rand(H, H) - 0.5) * 1.8
U = (torch.rand(H, D) - 0.5) * 1.8
b = torch.rand(H) - 0.5
x = torch.randn(T + 1, D)
y = torch.rand(T + 1, H) * 2 - 1
h0 = torch.rand(H) * 2 - 1
h = torch.empty(T + 1, H)
a = torch.empty(T + 1, H)
h[0] = h0
for t in range(1, T + 1):
    a[t] = W @ h[t - 1] + U @ x[t] + b
    h[t] = a[t].tanh()
L = ((h[1:] - y[1:]) ** 2).sum() / 2
dh = torch.zeros(T + 2, H)
da = torch.zeros(T + 2, H)
dW = torch.zeros_like(W)
dU = torch.zeros_like(U)
db = torch.zeros_like(b)
for t in range(T, 0, -1):
    dh[t] = h[t] - y[t] + W.T @ da[t + 1]
    da[t] = dh[t] * (1 - h[t].pow(2))
    dW.addr_(da[t], h[t - 1])
    dU.addr_(da[t], x[t])
    db.add_(da[t])
dh0 = W.T @ da[1]
