# exercise: relu-mlp
# The mask is made and not used; the biases get one number for all, and a mean.

import numpy as np

X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])


class MLP:
    def __init__(self):
        self.params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}

    def forward(self, X):
        p = self.params
        self.Z1 = X.dot(p["W1"]) + p["b1"]
        self.H = self.Z1 * (self.Z1 > 0)
        self.O = self.H.dot(p["W2"]) + p["b2"]
        return self.O

    def loss(self, X, Y):
        self.E = self.forward(X) - Y
        return (self.E**2).sum() / X.shape[0]

    def backward(self, X):
        grads = {}
        self.dE = 2 * self.E / X.shape[0]
        self.dO = self.dE
        grads["W2"] = self.H.T.dot(self.dO)
        grads["b2"] = np.mean(self.dO, axis=0)  #> db2 wrong, first
        self.dH = self.dO.dot(self.params["W2"].T)
        self.mask = self.Z1 > 0
        self.dZ1 = self.dH  #> dZ1 wrong
        grads["W1"] = X.T.dot(self.dZ1)  #> dW1 carried by dZ1
        grads["b1"] = np.sum(self.dZ1)  #> db1 wrong
        return grads


net = MLP()
loss = net.loss(X, Y)
grads = net.backward(X)
