# exercise: rnn
# The square is taken of what goes into tanh.
# #> da[4] wrong, first
# #> da[3] carried by da[4]
# #> da[2] carried by da[4]
# #> da[1] carried by da[4]
# #> dh[3] carried
# #> dh[2] carried
# #> dh[1] carried
# #> dh0 carried

import torch

T = 4
W = torch.randn(3, 3, requires_grad=True)
U = torch.randn(3, 2, requires_grad=True)
b = torch.randn(3, requires_grad=True)
x, y, h0 = torch.randn(T + 1, 2), torch.randn(T + 1, 3), torch.randn(3)
a, h = {}, {0: h0}
L = 0
for t in range(1, T + 1):
    a[t] = W @ h[t - 1] + U @ x[t] + b
    h[t] = torch.tanh(a[t])
    L = L + ((h[t] - y[t]) ** 2).sum() / 2
L.backward()

with torch.no_grad():
    dh, da = {}, {}
    dW, dU, db = torch.zeros_like(W), torch.zeros_like(U), torch.zeros_like(b)
    carry = torch.zeros(3)
    for t in reversed(range(1, T + 1)):
        dh[t] = h[t] - y[t] + carry
        da[t] = dh[t] * (1 - a[t] ** 2)
        dW += torch.outer(da[t], h[t - 1])  #> dW carried
        dU += torch.outer(da[t], x[t])  #> dU carried
        db += da[t]  #> db carried
        carry = W.T @ da[t]
    dh0 = carry
print((dW - W.grad).abs().max())
