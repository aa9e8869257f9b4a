# exercise: retold-lstm
# The gates are outputs of sigmoids already.
# After gh:CaptainE/RNN-LSTM-in-numpy, cell 73.

import numpy as np

rng = np.random.default_rng(10)
x = rng.normal(size=3)
c_prev = rng.normal(size=4)
Wf = rng.normal(size=(4, 3))
Wi = rng.normal(size=(4, 3))
Wo = rng.normal(size=(4, 3))
Wg = rng.normal(size=(4, 3))
dh = rng.normal(size=4)
dc_next = rng.normal(size=4)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class Cell:
    def forward(self, x, c_prev):
        self.x = x
        self.c_prev = c_prev
        self.zf, self.zi, self.zo, self.zg = Wf @ x, Wi @ x, Wo @ x, Wg @ x
        self.f = sigmoid(self.zf)
        self.i = sigmoid(self.zi)
        self.o = sigmoid(self.zo)
        self.g = np.tanh(self.zg)
        self.c = self.f * c_prev + self.i * self.g
        self.k = np.tanh(self.c)
        self.h = self.o * self.k

    def backward(self, dh, dc_next):
        self.do = self.k * dh
        self.dk = self.o * dh
        self.dc = (1 - self.k**2) * self.dk + dc_next
        self.df = self.c_prev * self.dc
        self.di = self.g * self.dc
        self.dg = self.i * self.dc
        self.dc_prev = self.f * self.dc
        self.dzo = sigmoid(self.o) * (1 - sigmoid(self.o)) * self.do  #> dzo wrong, first; code activation-applied-twice
        self.dzf = self.f * (1 - self.f) * self.df
        self.dzi = self.i * (1 - self.i) * self.di
        self.dzg = (1 - self.g**2) * self.dg
        self.dWf = np.outer(self.dzf, self.x)
        self.dWi = np.outer(self.dzi, self.x)
        self.dWo = np.outer(self.dzo, self.x)  #> dWo carried
        self.dWg = np.outer(self.dzg, self.x)
        self.dx = Wf.T @ self.dzf + Wi.T @ self.dzi + Wo.T @ self.dzo + Wg.T @ self.dzg  #> dx carried


cell = Cell()
cell.forward(x, c_prev)
loss = cell.h @ dh + cell.c @ dc_next
cell.backward(dh, dc_next)
