# exercise: conv1d
# The padding is cut off, counted from both ends.
import numpy as np

np.random.seed(0)
x = np.random.randn(2, 3, 8)
w = np.random.randn(4, 3, 5)
b = np.random.randn(4)
dout = np.random.randn(2, 4, 6)

N, C, L = x.shape
F, _, K = w.shape
T = L + 2 - K + 1

xpad = np.pad(x, ((0, 0), (0, 0), (1, 1)))
out = np.zeros((N, F, T))
for n in range(N):
    for f in range(F):
        for t in range(T):
            out[n, f, t] = np.sum(xpad[n, :, t:t + K] * w[f]) + b[f]
loss = np.sum(out * dout)

db = np.zeros(F)
dw = np.zeros_like(w)
dxpad = np.zeros_like(xpad)
for n in range(N):
    for f in range(F):
        for t in range(T):
            g = dout[n, f, t]
            db[f] += g
            dw[f] += g * xpad[n, :, t:t + K]
            dxpad[n, :, t:t + K] += g * w[f]
dx = dxpad  #> dx wrong, first; put dxpad[:, :, 1:-1]
