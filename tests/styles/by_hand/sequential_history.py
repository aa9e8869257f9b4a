# exercise: relu-mlp
import numpy as np
X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])
class Lin:
    def __init__(s, W, b): s.W, s.b = W, b
    def forward(s, x): s.x = x; return x @ s.W + s.b
    def backward(s, d): s.dW = s.x.T @ d; s.db = d.sum(0); return d @ s.W.T
class Relu:
    def forward(s, x): s.on = x > 0; return np.where(s.on, x, 0)
    def backward(s, d): return np.where(s.on, d, 0)
class Seq(list):
    def forward(s, x):
        s.outs = [x := m.forward(x) for m in s]
        return s.outs[-1]
    def backward(s, d):
        s.hist = []
        for m in s[::-1]:
            d = m.backward(d)
            s.hist.append(d)
        return d
net = Seq([Lin(W1, b1), Relu(), Lin(W2, b2)])
O = net.forward(X)
Z1, H = net.outs[0], net.outs[1]
E = O - Y
loss = np.square(E).sum() / len(E)
dE = dO = E * 2 / 4
net.backward(dO)
dH, dZ1, dX = net.hist
mask = net[1].on
(dW1, db1), (dW2, db2) = [(m.dW, m.db) for m in (net[0], net[2])]
