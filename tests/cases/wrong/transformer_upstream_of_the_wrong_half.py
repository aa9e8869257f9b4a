# exercise: transformer-block
# The gradient of the output goes on where that of the attention's residual belongs.

import math

import torch

torch.manual_seed(1)
x = torch.randn(4, 6)
Wq, Wk = torch.randn(6, 3) / 2, torch.randn(6, 3) / 2
Wv = torch.randn(6, 5) / 2
Wo = torch.randn(5, 6) / 2
W1 = torch.randn(6, 8) / 2
W2 = torch.randn(8, 6) / 2
dout = torch.randn(4, 6)


class Norm:
    def forward(self, x):
        self.x = x
        self.r = torch.rsqrt(x.pow(2).mean(1, keepdim=True) + 1e-5)
        return x * self.r

    def backward(self, dn):
        dr = (dn * self.x).sum(1, keepdim=True)
        return dn * self.r - dr * self.r**3 * self.x / self.x.shape[1]


norm1, norm2 = Norm(), Norm()
n1 = norm1.forward(x)
q, k, v = n1 @ Wq, n1 @ Wk, n1 @ Wv
scores = q @ k.T / math.sqrt(3)
weights = scores.softmax(dim=1)
mixed = weights @ v
h = x + mixed @ Wo
n2 = norm2.forward(h)
a = n2 @ W1
m = a.clamp(min=0)
out = h + m @ W2
loss = (out * dout).sum()

dm, dW2 = dout @ W2.T, m.T @ dout
da = torch.where(a > 0, dm, torch.zeros_like(dm))
dn2, dW1 = da @ W1.T, n2.T @ da
dh = dout.clone()
dh += norm2.backward(dn2)
dmixed, dWo = dh @ Wo.T, mixed.T @ dout  #> dWo wrong, first; put dh
dweights, dv = dmixed @ v.T, weights.T @ dmixed
dscores = weights * dweights
dscores -= weights * dscores.sum(dim=1, keepdim=True)
dq, dk = dscores @ k / math.sqrt(3), dscores.T @ q / math.sqrt(3)
dWq, dWk, dWv = (n1.T @ g for g in (dq, dk, dv))
dn1 = sum(g @ w.T for g, w in ((dq, Wq), (dk, Wk), (dv, Wv)))
dx = dh + norm1.backward(dn1)
