# exercise: conv1d
import numpy as np
np.random.seed(0)
x = np.random.randn(2, 3, 8); w = np.random.randn(4, 3, 5); b = np.random.randn(4); dout = np.random.randn(2, 4, 6)
xpad = np.zeros((2, 3, 10)); xpad[:, :, 1:9] = x
def im2col(a):
    idx = np.arange(6)[:, None] + np.arange(5)[None, :]
    return a[:, :, idx].transpose(0, 2, 1, 3).reshape(-1, 15), idx
cols, idx = im2col(xpad)
out = (cols @ w.reshape(4, 15).T + b).reshape(2, 6, 4).transpose(0, 2, 1)
loss = (out * dout).sum()
d2 = dout.transpose(0, 2, 1).reshape(-1, 4)
db = d2.sum(0)
dw = (d2.T @ cols).reshape(w.shape)
dcols = (d2 @ w.reshape(4, 15)).reshape(2, 6, 3, 5).transpose(0, 2, 1, 3)
dxpad = np.zeros_like(xpad)
np.add.at(dxpad, (slice(None), slice(None), idx), dcols)
dx = dxpad[:, :, 1:9].copy()
