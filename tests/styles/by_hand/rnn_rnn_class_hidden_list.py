# exercise: rnn
import numpy as np
class RNN:
    def __init__(self, W, U, b):
        self.W, self.U, self.b = W, U, b
    def run(self, xs, h0):
        self.xs, self.hs = xs, [h0]
        for x_t in xs:
            self.hs.append(np.tanh(self.W @ self.hs[-1] + self.U @ x_t + self.b))
        return self.hs
    def bptt(self, targets):
        self.dW = np.zeros_like(self.W); self.dU = np.zeros_like(self.U); self.db = np.zeros_like(self.b)
        self.dhs = [None] * len(self.hs); self.das = [None] * len(self.hs)
        future = np.zeros_like(self.b)
        for t in reversed(range(1, len(self.hs))):
            self.dhs[t] = self.hs[t] - targets[t - 1] + future
            self.das[t] = self.dhs[t] * (1 - self.hs[t]**2)
            self.dW += np.outer(self.das[t], self.hs[t - 1]); self.dU += np.outer(self.das[t], self.xs[t - 1]); self.db += self.das[t]
            future = self.W.T @ self.das[t]
        return future
rng = np.random.default_rng(0)
T = 4
W = rng.normal(size=(3, 3)) * .5; U = rng.normal(size=(3, 2)); b = rng.normal(size=3) * .1
x = rng.normal(size=(5, 2)); y = rng.normal(size=(5, 3)); h0 = rng.normal(size=3) * .5
net = RNN(W, U, b)
h = net.run(x[1:], h0)
a = [None] + [np.arctanh(v) for v in h[1:]]
L = sum(((p - q)**2).sum() / 2 for p, q in zip(h[1:], y[1:]))
dh0 = net.bptt(y[1:])
dh, da, dW, dU, db = net.dhs, net.das, net.dW, net.dU, net.db
