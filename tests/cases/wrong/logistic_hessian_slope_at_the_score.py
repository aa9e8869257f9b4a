# exercise: logistic-hessian
# The slope of the sigmoid is written with its input, and the step goes uphill.
# #> J missing
# #> H carried by s

import numpy as np


class Newton:
    def __init__(self, X, y, lam):
        self.X, self.y, self.lam = X, y, lam
        self.n = X.shape[0]

    def forward(self, w):
        self.z = self.X @ w
        self.p = 1 / (1 + np.exp(-self.z))

    def backward(self, w):
        self.dz = (self.p - self.y) / self.n
        self.g = self.X.T @ self.dz + self.lam * w
        self.s = self.z * (1 - self.z)  #> s wrong, first; code sigmoid-derivative-on-pre-activation
        self.H = self.lam * np.eye(len(w))
        for row, slope in zip(self.X, self.s):
            self.H = self.H + slope * np.outer(row, row) / self.n
        self.step = np.linalg.solve(self.H, self.g)  #> step wrong; put -np.linalg.solve(self.H, self.g)


X = np.random.randn(6, 3)
y = np.array([0, 1, 1, 0, 1, 0])
w = np.random.randn(3)
lam = 0.2
newton = Newton(X, y, lam)
newton.forward(w)
newton.backward(w)
