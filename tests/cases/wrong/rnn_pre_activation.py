# exercise: small-rnn
# #> a[1] missing
# #> a[2] missing
# #> a[3] missing
# #> da[3] wrong, first
# #> da[2] carried by da[3]
# #> da[1] carried by da[3]
# #> dh[2] carried
# #> dh[1] carried
# #> dW carried
# #> dU carried
# #> dh0 carried

import torch
T = 3
W = torch.randn(4, 4, requires_grad=True); U = torch.randn(4, 2); x = torch.randn(4, 2); h0 = torch.randn(4); v = torch.randn(4)
h = [h0]
for t in range(1, T + 1):
    h.append(torch.tanh(W @ h[-1] + U @ x[t]))
loss = v @ h[-1]
loss.backward()
with torch.no_grad():
    dh, da = [], []
    g = v
    dW = 0
    dU = 0
    for t in range(T, 0, -1):
        dh.append(g)
        r = (1 - h[t]) * g
        da.append(r)
        dW = dW + torch.outer(r, h[t - 1])
        dU = dU + torch.outer(r, x[t])
        g = W.T @ r
    dh0 = g
print((dW - W.grad).abs().max())
