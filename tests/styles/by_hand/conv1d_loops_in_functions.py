# exercise: conv1d
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(2, 3, 8))
w = rng.normal(size=(4, 3, 5))
b = rng.normal(size=4)
dout = rng.normal(size=(2, 4, 6))


def forward(x, w, b, pad=1):
    N, C, L = x.shape
    F, _, K = w.shape
    xp = np.zeros((N, C, L + 2 * pad))
    xp[:, :, pad:-pad] = x
    out = np.zeros((N, F, L + 2 * pad - K + 1))
    for n, f, t in np.ndindex(out.shape):
        out[n, f, t] = np.sum(xp[n, :, t : t + K] * w[f]) + b[f]
    return out, xp


def backward(dout, xp, w, pad=1):
    K = w.shape[2]
    dw, dxpad = np.zeros(w.shape), np.zeros(xp.shape)
    db = np.zeros(w.shape[0])
    for n, f, t in np.ndindex(dout.shape):
        g = dout[n, f, t]
        db[f] += g
        dw[f] += g * xp[n, :, t : t + K]
        dxpad[n, :, t : t + K] += g * w[f]
    return dxpad[:, :, pad:-pad], dw, db, dxpad


out, xpad = forward(x, w, b)
loss = (dout * out).sum()
dx, dw, db, dxpad = backward(dout, xpad, w)
