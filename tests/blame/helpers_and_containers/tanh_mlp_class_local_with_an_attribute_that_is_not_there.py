# exercise: tanh-mlp
import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(5, 3))
y = np.array([0, 1, 1, 0, 1])
W1 = rng.uniform(-1, 1, size=(3, 4))
b1 = rng.uniform(-0.5, 0.5, size=4)
W2 = rng.uniform(-1, 1, size=(4, 2))
b2 = rng.uniform(-0.5, 0.5, size=2)
reg = 0.1
class Network:
    def __init__(self, W1, b1, W2, b2, reg):
        self.W1, self.b1 = W1, b1
        self.W2, self.b2 = W2, b2
        self.reg = reg

    def forward(self, X, y):
        self.Z = X @ self.W1 + self.b1
        self.H = np.tanh(self.Z)
        self.logits = self.H @ self.W2 + self.b2
        counts = np.exp(self.logits - self.logits.max(axis=1, keepdims=True))
        self.P = counts / counts.sum(axis=1, keepdims=True)
        self.nll = -np.log(self.P[np.arange(len(y)), y]).mean()
        self.decay = self.reg / 2 * ((self.W1**2).sum() + (self.W2**2).sum())
        self.loss = self.nll + self.decay
        return self.loss

    def backward(self, X, y):
        grads = {}
        right = np.eye(self.probs.shape[1])[y]  #> guilty
        grads["logits"] = (self.P - right) / len(y)

        grads["W2"] = self.H.T @ grads["logits"] + self.reg * self.W2
        grads["b2"] = grads["logits"].sum(axis=0)
        grads["H"] = grads["logits"] @ self.W2.T

        grads["Z"] = grads["H"] * (1 - self.H**2)

        grads["W1"] = X.T @ grads["Z"] + self.reg * self.W1
        grads["b1"] = grads["Z"].sum(axis=0)
        grads["X"] = grads["Z"] @ self.W1.T
        return grads
network = Network(W1, b1, W2, b2, reg)
loss = network.forward(X, y)
grads = network.backward(X, y)
