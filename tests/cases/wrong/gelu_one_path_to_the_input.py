# exercise: gelu-mlp
# The input of the GELU is read twice; the path through the tanh is missing.
# #> dW1 carried by da #> db1 carried by da #> dx carried by da

import math, torch

torch.manual_seed(3)


class MLP:
    def __init__(self, W1, b1, W2, b2):
        self.W1, self.b1, self.W2, self.b2 = W1, b1, W2, b2

    def gelu(self, a):
        self.a = a
        self.u = math.sqrt(2 / math.pi) * (a + 0.044715 * torch.pow(a, 3))
        self.t = torch.tanh(self.u)
        return a / 2 * (1 + self.t)

    def gelu_backward(self, dh):
        self.dt = dh * self.a / 2
        self.du = self.dt * (1 - self.t**2)
        return dh * (1 + self.t) / 2  #> da wrong, first; code branch-contribution-missing

    def forward(self, x):
        self.x = x
        self.h = self.gelu(x @ self.W1 + self.b1)
        return self.h @ self.W2 + self.b2

    def backward(self, dout):
        self.dW2, self.db2 = self.h.T @ dout, dout.sum(0)
        self.dh = dout @ self.W2.T
        self.da = self.gelu_backward(self.dh)
        self.dW1, self.db1 = self.x.T @ self.da, self.da.sum(0)
        self.dx = self.da @ self.W1.T


x = torch.randn(5, 4)
W1 = torch.randn(4, 6)
b1 = torch.randn(6)
W2 = torch.randn(6, 3)
b2 = torch.randn(3)
y = torch.randn(5, 3)
net = MLP(W1, b1, W2, b2)
out = net.forward(x)
loss = ((out - y) ** 2).mean()
dout = 2 * (out - y) / 15
net.backward(dout)
