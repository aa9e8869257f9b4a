# exercise: conv1d
# A mean over the examples where the loss has a sum.

import numpy as np

x = np.random.randn(2, 3, 8)
w = np.random.randn(4, 3, 5)
b = np.random.randn(4)
dout = np.random.randn(2, 4, 6)

xpad = np.pad(x, ((0, 0), (0, 0), (1, 1)))
N, C, L = xpad.shape
F, C, K = w.shape
T = L - K + 1

out = np.zeros((N, F, T))
for i in range(N):
    for f in range(F):
        for t in range(T):
            out[i, f, t] = np.sum(xpad[i, :, t:t+K] * w[f]) + b[f]
loss = np.sum(out * dout)

db = np.mean(np.sum(dout, axis=2), axis=0)  #> db wrong, first
dw = np.zeros_like(w)
dxpad = np.zeros_like(xpad)
for i in range(N):
    for f in range(F):
        for t in range(T):
            dw[f] += dout[i, f, t] * xpad[i, :, t:t+K]
            dxpad[i, :, t:t+K] += dout[i, f, t] * w[f]
dx = dxpad[:, :, 1:-1]
