# exercise: gaussian-likelihood
# The determinant is counted once and not once per observation.
# #> dW carried by dSigma #> ds carried by dSigma

import math

import torch

torch.manual_seed(4)
x = torch.randn(6, 4)
mu = torch.rand(4) - 0.5
W = torch.randn(4, 2)
s = 0.9


class FactorModel:
    def __init__(self, mu, W, s):
        self.mu, self.W, self.s = mu, W, s

    def forward(self, x):
        n, dims = x.shape
        self.Sigma = self.W @ self.W.T + self.s * torch.eye(dims)
        self.P = torch.linalg.inv(self.Sigma)
        self.r = x - self.mu
        quad = torch.einsum("ij,jk,ik->", self.r, self.P, self.r)
        return -0.5 * (quad + n * torch.logdet(self.Sigma) + n * dims * math.log(2 * math.pi))

    def backward(self, x):
        n = len(x)
        scatter = self.r.T @ self.r
        self.dr = -(self.r @ self.P)
        self.dmu = self.P @ self.r.sum(0)
        self.dP = -scatter / 2
        self.dSigma = 0.5 * (self.P @ scatter @ self.P - self.P)  #> dSigma wrong, first; code summand-constant-wrong
        self.dW = 2 * self.dSigma @ self.W
        self.ds = torch.trace(self.dSigma)


model = FactorModel(mu, W, s)
L = model.forward(x)
model.backward(x)
