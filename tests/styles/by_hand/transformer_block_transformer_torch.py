# exercise: transformer-block
import torch
from torch import einsum
torch.manual_seed(5)
torch.set_default_dtype(torch.float64)
x = torch.randn(4, 6); dout = torch.randn(4, 6)
Wq = torch.randn(6, 3) * .5; Wk = torch.randn(6, 3) * .5; Wv = torch.randn(6, 5) * .5; Wo = torch.randn(5, 6) * .5; W1 = torch.randn(6, 8) * .5; W2 = torch.randn(8, 6) * .5
def rms(t):
    r = t.pow(2).mean(-1, keepdim=True).add(1e-5).rsqrt()
    return r, t * r
def rms_back(d, t, r):
    return d * r - t * (d * t).mean(-1, keepdim=True) * r**3
r1, n1 = rms(x)
q, k, v = (einsum("td,dk->tk", n1, w) for w in (Wq, Wk, Wv))
scores = einsum("ik,jk->ij", q, k) / 3**.5
weights = scores.softmax(-1)
mixed = weights @ v
h = x + mixed @ Wo
r2, n2 = rms(h)
a = n2 @ W1
m = a.relu()
out = h + m @ W2
loss = (out * dout).sum()
# mlp
dm = dout @ W2.T
dW2 = m.T @ dout
da = torch.where(a > 0, dm, torch.zeros_like(dm))
dW1 = n2.T @ da
dn2 = da @ W1.T
dh = dout + rms_back(dn2, h, r2)
# attention
dmixed = dh @ Wo.T
dWo = mixed.T @ dh
dweights = dmixed @ v.T
dv = weights.T @ dmixed
dscores = weights * dweights
dscores -= weights * dscores.sum(-1, keepdim=True)
dq = dscores @ k / 3**.5
dk = dscores.T @ q / 3**.5
dWq, dWk, dWv = (n1.T @ d for d in (dq, dk, dv))
dn1 = sum(d @ w.T for d, w in ((dq, Wq), (dk, Wk), (dv, Wv)))
dx = dh + rms_back(dn1, x, r1)
