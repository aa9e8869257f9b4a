# exercise: attention
import torch

torch.set_default_dtype(torch.float64)
x = torch.randn(4, 6)
memory = torch.randn(5, 7)
Wq = torch.rand(6, 3) - 0.5
Wk = torch.rand(7, 3) - 0.5
Wv = torch.randn(7, 2)
dout = torch.randn(4, 2)
d_k = Wq.shape[1]
q = x @ Wq
k = memory @ Wk
v = memory @ Wv
scores = q @ k.T / d_k**0.5
weights = scores.softmax(dim=-1)
out = weights @ v
loss = (dout * out).sum()

dweights = torch.zeros_like(weights)
dv = torch.zeros_like(v)
dscores = torch.zeros_like(scores)
dq = torch.zeros_like(q)
dk = torch.zeros_like(k)
for i in range(len(x)):
    dweights[i] = v @ dout[i]
    for j in range(len(memory)):
        dv[j] += weights[i, j] * dout[i]
    jac = torch.diag(weights[i]) - torch.outer(weights[i], weights[i])
    dscores[i] = jac @ dweights[i]
    for j in range(len(memory)):
        dq[i] += dscores[i, j] * k[j] / d_k**0.5
        dk[j] += dscores[i, j] * q[i] / d_k**0.5
dWq, dWk, dWv = x.T @ dq, memory.T @ dk, memory.T @ dv
dx = dq @ Wq.T
dmemory = dk @ Wk.T
dmemory += dv @ Wv.T
