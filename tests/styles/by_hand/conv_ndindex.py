# exercise: conv1d
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(2, 3, 8))
w = rng.normal(size=(4, 3, 5))
b = rng.normal(size=4)
dout = rng.normal(size=(2, 4, 6))
K = w.shape[2]
xpad = np.pad(x, [(0, 0), (0, 0), (1, 1)])
out = np.empty((2, 4, 6))
for n, f, t in np.ndindex(out.shape):
    out[n, f, t] = np.vdot(w[f], xpad[n, :, t:t + K]) + b[f]
loss = (out * dout).sum()
db, dw, dxpad = np.zeros(4), np.zeros(w.shape), np.zeros(xpad.shape)
for (n, f, t), g in np.ndenumerate(dout):
    db[f] += g
    dw[f] += g * xpad[n, :, t:t + K]
    dxpad[n, :, t:t + K] += g * w[f]
dx = dxpad[..., 1:-1].copy()
