# exercise: rnn
# The carry is made of the gradient of the state: one mistake, of a field, behind two steps.
# #> dh[2] carried
# #> dh[1] carried
# #> da[3] carried
# #> da[2] carried
# #> da[1] carried
# #> dW carried
# #> dU carried
# #> db carried
# #> dh0 carried
import torch

torch.manual_seed(0)
T = 4
W = torch.rand(3, 3) - 0.5
U = torch.rand(3, 2) - 0.5
b = torch.rand(3) - 0.5
x = torch.randn(5, 2)
y = torch.rand(5, 3)
h0 = torch.rand(3)


class RNN:
    def __init__(self, W, U, b):
        self.W, self.U, self.b = W, U, b

    def forward(self, x, y, h0):
        self.h = {0: h0}
        self.a = {}
        loss = 0
        for t in range(1, T + 1):
            self.a[t] = self.W @ self.h[t - 1] + self.U @ x[t] + self.b
            self.h[t] = torch.tanh(self.a[t])
            loss = loss + ((self.h[t] - y[t]) ** 2).sum() / 2
        return loss

    def backward(self, x, y):
        self.dW = torch.zeros_like(self.W)
        self.dU = torch.zeros_like(self.U)
        self.db = torch.zeros_like(self.b)
        self.dh, self.da = {}, {}
        carry = torch.zeros(3)
        for t in reversed(range(1, T + 1)):
            self.dh[t] = (self.h[t] - y[t]) + carry
            self.da[t] = (1 - self.h[t] ** 2) * self.dh[t]
            self.dW += torch.outer(self.da[t], self.h[t - 1])
            self.dU += torch.outer(self.da[t], x[t])
            self.db += self.da[t]
            carry = self.W.T @ self.dh[t]  #> dh[3] wrong, first; put self.da
        self.dh0 = carry


net = RNN(W, U, b)
L = net.forward(x, y, h0)
net.backward(x, y)
