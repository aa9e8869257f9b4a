# exercise: kalman-step
# The predicted mean stands in the comparison with a minus.
# #> dA carried by dmp #> dm carried by dmp

import torch

torch.manual_seed(7)
m = torch.randn(3)
B = torch.randn(3, 3)
P = B @ B.T
A = torch.rand(3, 3) - 0.5
q = torch.rand(3) + 0.2
H = torch.randn(2, 3)
r = torch.rand(2) + 0.3
y = torch.randn(2)
state = torch.randn(3)


class Kalman:
    def predict(self, m, P):
        self.m, self.P = m, P
        self.mp = A @ m
        self.Pp = A @ P @ A.T + torch.diag(q)

    def update(self, y):
        self.v = y - H @ self.mp
        self.S = H @ self.Pp @ H.T + torch.diag(r)
        self.J = torch.linalg.inv(self.S)
        self.K = self.Pp @ H.T @ self.J
        self.mean = self.mp + self.K @ self.v
        return self.mean

    def backward(self, dmean):
        self.dmean = dmean
        self.dK = dmean[:, None] * self.v[None, :]
        self.dv = dmean @ self.K
        self.dJ = H @ self.Pp.T @ self.dK
        self.dS = -(self.J.T @ self.dJ @ self.J.T)
        self.dr = torch.diagonal(self.dS)
        self.dPp = self.dK @ self.J.T @ H
        self.dPp = self.dPp + H.T @ self.dS @ H
        self.dmp = dmean + self.dv @ H  #> dmp wrong, first; put dmean - self.dv @ H
        self.dq = torch.diagonal(self.dPp)
        self.dA = torch.outer(self.dmp, self.m) + (self.dPp + self.dPp.T) @ A @ self.P
        self.dm = A.T @ self.dmp


kalman = Kalman()
kalman.predict(m, P)
mean = kalman.update(y)
loss = 0.5 * ((mean - state) ** 2).sum()
kalman.backward(mean - state)
