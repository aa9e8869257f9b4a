# exercise: relu-mlp
# Two layers of one class keep their gradients on `self`; the line for the weights has the wrong sign.
# #> dW1 carried by dW2

import numpy as np

X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])


class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = -self.x.T @ dout  #> dW2 wrong value, first
        self.db = dout.sum(axis=0)
        self.dx = dout @ self.W.T
        return self.dx


class ReLU:
    def forward(self, z):
        self.mask = z > 0
        return np.maximum(z, 0)

    def backward(self, dout):
        return dout * self.mask


l1, act, l2 = Linear(W1, b1), ReLU(), Linear(W2, b2)
Z1 = l1.forward(X)
H = act.forward(Z1)
O = l2.forward(H)
E = O - Y
loss = (E**2).sum() / 4
dE = 2 * E / 4
dO = dE
dH = l2.backward(dO)
mask = act.mask
dZ1 = act.backward(dH)
l1.backward(dZ1)
dW2, db2, dW1, db1 = l2.dW, l2.db, l1.dW, l1.db
