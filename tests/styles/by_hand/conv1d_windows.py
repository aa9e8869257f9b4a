# exercise: conv1d
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(2, 3, 8))
w = rng.normal(size=(4, 3, 5))
b = rng.normal(size=4)
dout = rng.normal(size=(2, 4, 6))

N, C, L = x.shape
F, _, K = w.shape
xpad = np.pad(x, [(0, 0), (0, 0), (1, 1)])
windows = np.stack([xpad[:, :, t : t + K] for t in range(L + 3 - K)], axis=2)
out = np.einsum("nctk,fck->nft", windows, w) + b[None, :, None]
loss = np.sum(dout * out)

db = np.einsum("nft->f", dout)
dw = np.einsum("nft,nctk->fck", dout, windows)
dxpad = np.zeros_like(xpad)
for t in range(out.shape[2]):
    window = dxpad[:, :, t : t + K]
    window += np.einsum("nf,fck->nck", dout[:, :, t], w)
dx = dxpad[:, :, 1 : L + 1]
