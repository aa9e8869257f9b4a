# exercise: relu-mlp
import numpy as np

X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, inp):
        self.inp = inp
        return inp @ self.W + self.b

    def backward(self, up):
        self.dW = self.inp.T @ up
        self.db = up.sum(0)
        return up @ self.W.T


class ReLU:
    def forward(self, inp):
        self.on = inp > 0
        return inp * self.on

    def backward(self, up):
        return up * self.on


first, bend, second = Affine(W1, b1), ReLU(), Affine(W2, b2)
Z1 = first.forward(X)
H = bend.forward(Z1)
O = second.forward(H)
E = O - Y
loss = np.sum(E * E) / len(X)

dE = 2 * E / len(X)
dO = 1.0 * dE
dH = second.backward(dO)
dZ1 = bend.backward(dH)
first.backward(dZ1)
dW1, db1 = first.dW, first.db
dW2, db2 = second.dW, second.db
