# exercise: conv2d-pool
# All four numbers of a block get what arrives at their maximum.
# #> db carried by da #> dw carried by da #> dx carried by da

import numpy as np

rng = np.random.default_rng(4)
x = rng.normal(size=(2, 3, 6, 8))
w = rng.normal(size=(5, 3, 3, 3)) / 2
b = rng.normal(size=5)
dout = rng.normal(size=(2, 5, 2, 3))


class Layer:
    def forward(self, x, w, b):
        self.x, self.w = x, w
        self.windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))
        self.a = np.einsum("ncijkl,fckl->nfij", self.windows, w) + b.reshape(1, -1, 1, 1)
        n, f, h, v = self.a.shape
        self.p = self.a.reshape(n, f, h // 2, 2, v // 2, 2).max(axis=5).max(axis=3)
        self.out = self.p * (self.p > 0)
        return self.out

    def backward(self, dout):
        self.dp = np.where(self.p > 0, dout, 0)
        wide = self.p.repeat(2, axis=2).repeat(2, axis=3)
        self.da = self.dp.repeat(2, axis=2).repeat(2, axis=3)  #> da wrong, first; code maximum-spread-over-its-block
        self.db = np.einsum("nfij->f", self.da)
        self.dw = np.einsum("nfij,ncijkl->fckl", self.da, self.windows)
        self.dx = np.zeros(self.x.shape)
        for k in range(3):
            for l in range(3):
                self.dx[:, :, k : k + 4, l : l + 6] += np.einsum("nfij,fc->ncij", self.da, self.w[:, :, k, l])


layer = Layer()
loss = (layer.forward(x, w, b) * dout).sum()
layer.backward(dout)
