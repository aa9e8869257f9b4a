# exercise: conv1d
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(2, 3, 8))
w = rng.normal(size=(4, 3, 5))
b = rng.normal(size=4)
dout = rng.normal(size=(2, 4, 6))

N, C, L = x.shape
F, _, K = w.shape
T = L + 2 - K + 1
xpad = np.pad(x, [(0, 0), (0, 0), (1, 1)])
out = np.zeros((N, F, T))
for n in range(N):
    for f in range(F):
        for t in range(T):
            out[n, f, t] = np.sum(xpad[n, :, t : t + K] * w[f]) + b[f]
loss = np.sum(dout * out)


def back_to_weights(dout, xpad):
    dw = np.zeros((F, C, K))
    for n in range(N):
        for t in range(T):
            dw += np.multiply.outer(dout[n, :, t], xpad[n, :, t : t + K])
    return dw


def back_to_input(dout, w):
    dxpad = np.zeros((N, C, L + 2))
    for n in range(N):
        for f in range(F):
            for t in range(T):
                dxpad[n, :, t : t + K] += dout[n, f, t] * w[f]
    return dxpad


db = np.array([dout[:, f].sum() for f in range(F)])
dw = back_to_weights(dout, xpad)
dxpad = back_to_input(dout, w)
dx = dxpad[:, :, 1:-1]
