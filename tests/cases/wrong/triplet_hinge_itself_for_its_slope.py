# exercise: triplet-loss
# The value of the hinge where its slope belongs.
# #> a missing #> p missing #> n missing #> dfar carried by dnear #> da carried by dnear #> dp carried by dnear
# #> dn carried by dnear #> dW carried by dnear

import torch

xa, xp, xn = torch.randn(3, 5, 4)
W = torch.randn(4, 3) * 0.4
margin = 0.3


class Triplet:
    def forward(self, xa, xp, xn):
        self.u, self.v = (xa - xp) @ W, (xa - xn) @ W
        self.near, self.far = self.u.pow(2).sum(1), self.v.pow(2).sum(1)
        self.hinge = torch.relu(self.near - self.far + margin)
        return self.hinge.mean()

    def backward(self, xa, xp, xn):
        active = self.hinge  #> dnear wrong, first
        self.dhinge = torch.ones(5) / 5
        self.dnear = active / 5
        self.dfar = -active / 5
        du = 2 * self.u * self.dnear.unsqueeze(1)
        dv = 2 * self.v * self.dfar.unsqueeze(1)
        self.da, self.dp, self.dn = du + dv, -du, -dv
        self.dW = (xa - xp).T @ du + (xa - xn).T @ dv


t = Triplet()
loss = t.forward(xa, xp, xn)
t.backward(xa, xp, xn)
