# exercise: attention
import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
x = torch.randn(4, 6)
memory = torch.randn(5, 7)
Wq = torch.rand(6, 3) - 0.5
Wk = torch.rand(7, 3) - 0.5
Wv = torch.randn(7, 2)
dout = torch.randn(4, 2)
scale = 3**-0.5
q = x @ Wq
k = memory @ Wk
v = memory @ Wv
scores = q @ k.T * scale
weights = torch.softmax(scores, dim=1)
out = weights @ v
loss = (dout * out).sum()


def product_back(a, b, arriving):
    """Of a @ b."""
    return arriving @ b.T, arriving.T @ a  #> guilty


dweights, dv = product_back(weights, v, dout)
dscores = weights * (dweights - (dweights * weights).sum(1, keepdim=True))
dq = dscores @ k * scale
dk = dscores.T @ q * scale
dx, dWq = product_back(x, Wq, dq)
to_memory, dWk = product_back(memory, Wk, dk)
dmemory, dWv = product_back(memory, Wv, dv)
dmemory = dmemory + to_memory
