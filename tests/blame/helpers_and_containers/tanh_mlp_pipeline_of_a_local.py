# exercise: tanh-mlp
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(5, 3)); y = np.array([0, 1, 1, 0, 1])
W1 = rng.uniform(-1, 1, size=(3, 4)); b1 = rng.uniform(-.5, .5, size=4)
W2 = rng.uniform(-1, 1, size=(4, 2)); b2 = rng.uniform(-.5, .5, size=2); reg = 0.1
class Pipeline(list):
    def forward(self, v):
        for f in self:
            v = f.forward(v)
        return v
    def backward(self, g):
        for f in reversed(self):
            g = f.backward(g)
        return g
class Linear:
    def __init__(self, W, b, reg): self.W, self.b, self.reg = W, b, reg
    def forward(self, v):
        self.inp, self.out = v, v @ self.W + self.b
        return self.out
    def backward(self, g):
        self.gout = g
        self.gW = self.inp.T @ g + self.reg * self.W
        self.gb = g.sum(0)
        return g @ self.W.T
class Tanh:
    def forward(self, v):
        self.out = np.tanh(v)
        return self.out
    def backward(self, g):
        self.gout = g
        return g * (1 - self.out ** 2)
l1, act, l2 = Linear(W1, b1, reg), Tanh(), Linear(W2, b2, reg)
net = Pipeline([l1, act, l2])
logits = net.forward(X)
Z, H = l1.out, act.out
P = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
nll = -np.log(P[range(5), y]).mean()
decay = reg / 2 * sum((W ** 2).sum() for W in (W1, W2))
loss = nll + decay
g = (P - np.eye(2)[y]) / 2  #> guilty
dlogits = g
dX = net.backward(g)
dW1, db1, dW2, db2 = l1.gW, l1.gb, l2.gW, l2.gb
dH, dZ = act.gout, l1.gout
