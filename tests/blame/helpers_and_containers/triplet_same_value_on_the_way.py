# exercise: triplet-loss
import torch
torch.manual_seed(1)
xa, xp, xn = torch.randn(3, 5, 4)
W = torch.empty(4, 3).uniform_(-.7, .7).requires_grad_()
margin = 0.5

a, p, n = (t @ W for t in (xa, xp, xn))
near = (a - p).pow(2).sum(-1)
far = (a - n).pow(2).sum(-1)
hinge = torch.relu(near - far + margin)
loss = hinge.mean()
loss.backward()

with torch.no_grad():
    N = xa.size(0)
    dhinge = torch.full((N,), 1 / N)
    active = hinge.gt(0).float()
    dnear = dhinge * active
    dfar = dnear.neg()
    da = torch.zeros_like(a)
    da += 2 * dnear.unsqueeze(1) * (a - p)
    da += 2 * dfar.unsqueeze(1) * (a - n)
    dp = torch.zeros_like(p).add_(2 * dnear[:, None] * (a - p))  #> guilty
    dn = torch.zeros_like(n)
    dn.sub_(2 * dfar[:, None] * (a - n))
    dW = torch.zeros_like(W)
    for inp, grad in ((xa, da), (xp, dp), (xn, dn)):
        dW.addmm_(inp.t(), grad)
    assert torch.allclose(dW, W.grad, atol=1e-6), (dW - W.grad).abs().max()
print('ok')
