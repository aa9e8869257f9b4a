# exercise: triplet-loss
# The three gradients add up to 0, so a right term beside them would repair the line by chance.
import torch

torch.manual_seed(8)
xa, xp, xn = torch.randn(3, 5, 4)
W = torch.rand(4, 3) - 0.5
margin = 0.5

a, p, n = xa @ W, xp @ W, xn @ W
near = ((a - p) ** 2).sum(dim=1)
far = ((a - n) ** 2).sum(dim=1)
hinge = torch.clamp(near - far + margin, min=0)
loss = hinge.mean()

dhinge = torch.full((5,), 1 / 5)
active = (hinge > 0).double()
dnear = dhinge * active
dfar = -dhinge * active
da = 2 * dnear[:, None] * (a - p) + 2 * dfar[:, None] * (a - n)
dp = -2 * dnear[:, None] * (a - p)
dn = -2 * dfar[:, None] * (a - n)
dW = xa.T @ (da + dp + dn)  #> dW wrong, first; put xa.T @ da + xp.T @ dp + xn.T @ dn
