# exercise: relu-mlp
from __future__ import annotations
from typing import Protocol
import numpy as np
from numpy.typing import NDArray
Arr = NDArray[np.float64]
class Layer(Protocol):
    def forward(self, x: Arr) -> Arr: ...
    def backward(self, g: Arr) -> Arr: ...
class Linear:
    def __init__(self, W: Arr, b: Arr) -> None:
        self.W, self.b = W, b
    def forward(self, x: Arr) -> Arr:
        self.x = x
        return x @ self.W + self.b
    def backward(self, g: Arr) -> Arr:
        self.dW, self.db = self.x.T @ g, g.sum(axis=0)
        return g @ self.W.T
class ReLU:
    def forward(self, x: Arr) -> Arr:
        self.mask = x > 0
        return np.where(self.mask, x, 0.0)
    def backward(self, g: Arr) -> Arr:
        return np.where(self.mask, g, 0.0)
X = np.array([[1.2, -.7, .4], [-.8, 1.1, .6], [.5, .9, -1.3], [-1.1, -.4, .7]])
W1 = np.array([[.9, -.6, .4, 1.1, -.5], [.7, 1.2, -.8, .3, .6], [-.4, .5, 1.3, -.9, .8]]); b1 = np.array([.1, -.2, .3, .2, -.1])
W2 = np.array([[.8, -.5], [.6, .9], [-.7, .4], [.3, -1.1], [1.0, .2]]); b2 = np.array([.3, -.4])
Y = np.array([[.5, -.1], [.2, .4], [-.3, .8], [1., 0.]])
first, act, second = Linear(W1, b1), ReLU(), Linear(W2, b2)
net: list[Layer] = [first, act, second]
out: Arr = X
for layer in net:
    out = layer.forward(out)
E: Arr = out - Y
loss: float = float((E**2).sum() / 4)
dE: Arr = E / 2
g = dE
trail: list[Arr] = [g]
for layer in reversed(net):
    g = layer.backward(g)
    trail.append(g)
dO, dH, dZ1, _ = trail
mask = act.mask
dW1, db1, dW2, db2 = first.dW, first.db, second.dW, second.db
