# exercise: relu-mlp
import numpy as np
X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])

from abc import ABC, abstractmethod
class Module(ABC):
    @abstractmethod
    def forward(self, x): ...
    @abstractmethod
    def backward(self, dout): ...
    def __call__(self, *a): return self.forward(*a)
class Linear(Module):
    def __init__(self, W, b): self.params = {"W": W, "b": b}; self.grads = {}
    def forward(self, x):
        self.cache = x
        return x @ self.params["W"] + self.params["b"]
    def backward(self, dout):
        x = self.cache
        self.grads["W"] = x.T @ dout
        self.grads["b"] = dout.sum(0)
        return dout @ self.params["W"].T
class ReLU(Module):
    def forward(self, x):
        self.cache = (x > 0)
        return x * self.cache
    def backward(self, dout): return dout * self.cache
class Sequential(Module):
    def __init__(self, *ms): self.ms = ms
    def forward(self, x):
        for m in self.ms: x = m(x)
        return x
    def backward(self, d):
        self.history = [d]
        for m in reversed(self.ms):
            d = m.backward(d)
            self.history.append(d)
        return d
net = Sequential(Linear(W1, b1), ReLU(), Linear(W2, b2))
O = net(X)
E = O - Y
loss = (E ** 2).sum() / 4
dE = E / 2
dO = dE
net.backward(dO)
dH, dZ1 = net.history[1], net.history[2]
mask = net.ms[1].cache
dW2, db2 = net.ms[2].grads["W"], net.ms[2].grads["b"]
dW1, db1 = net.ms[0].grads["W"], net.ms[0].grads["b"]
