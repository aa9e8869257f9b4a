# exercise: relu-mlp
# A layer of a class passes on what arrives without its slope.

import numpy as np
X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])
class Linear:
    def __init__(self, W, b):
        self.W = W
        self.b = b
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dout):
        self.dW = self.x.T @ dout  #> dW1 carried by dZ1
        self.db = dout.sum(axis=0)  #> db1 carried by dZ1
        return dout @ self.W.T
class ReLU:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask
    def backward(self, dout):
        return dout  #> dZ1 wrong, first; code activation-derivative-missing; put dout * self.mask
class MSE:
    def forward(self, out, target):
        self.diff = out - target
        return (self.diff**2).sum() / len(out)
    def backward(self):
        return 2 * self.diff / len(self.diff)
l1, relu, l2, mse = Linear(W1, b1), ReLU(), Linear(W2, b2), MSE()
Z1 = l1.forward(X)
H = relu.forward(Z1)
O = l2.forward(H)
loss = mse.forward(O, Y)
E = mse.diff
dE = mse.backward()
dO = dE
dH = l2.backward(dO)
dW2, db2 = l2.dW, l2.db
mask = relu.mask
dZ1 = relu.backward(dH)
l1.backward(dZ1)
dW1, db1 = l1.dW, l1.db
