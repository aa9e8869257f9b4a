# exercise: rnn
# A loss counted twice, in a class that keeps its parameters, states and gradients in dicts, by name and by time.
from numpy import *
rng = random.default_rng(3)
class RNN:
    def __init__(self, T, n, m):
        self.T = T
        self.p = {"W": rng.uniform(-0.9, 0.9, (n, n)), "U": rng.uniform(-0.9, 0.9, (n, m)), "b": zeros(n)}
        self.g = {k: zeros_like(v) for k, v in self.p.items()}
    def forward(self, x, h0):
        self.h = {0: h0}
        self.a = {}
        for t in range(1, self.T + 1):
            self.a[t] = self.p["W"] @ self.h[t - 1] + self.p["U"] @ x[t] + self.p["b"]
            self.h[t] = tanh(self.a[t])
        return self.h
    def backward(self, x, y):
        nxt = zeros_like(self.h[0])
        dh, da = {}, {}
        for t in range(self.T, 0, -1):
            dh[t] = 2 * (self.h[t] - y[t]) + nxt  #> dh[4] wrong, first; put self.h[t] - y[t] #> dh[3] carried by dh[4] #> dh[2] carried by dh[4] #> dh[1] carried by dh[4]
            da[t] = (1 - self.h[t] ** 2) * dh[t]  #> da[4] carried #> da[3] carried #> da[2] carried #> da[1] carried
            self.g["W"] += outer(da[t], self.h[t - 1])  #> dW carried
            self.g["U"] += outer(da[t], x[t])  #> dU carried
            self.g["b"] += da[t]  #> db carried
            nxt = self.p["W"].T @ da[t]  #> dh0 carried
        self.dh0 = nxt
T = 4
x, y, h0 = rng.normal(size=(5, 2)), rng.uniform(-1, 1, (5, 3)), rng.uniform(-1, 1, 3)
net = RNN(T, 3, 2)
net.forward(x, h0)
net.backward(x, y)
dW, dU, db, dh0 = net.g["W"], net.g["U"], net.g["b"], net.dh0
# #> L missing
