# exercise: conv2d-pool
import numpy as np
rng = np.random.default_rng(7)
x = rng.normal(size=(2, 3, 6, 8)); w = rng.normal(size=(5, 3, 3, 3)); b = rng.normal(size=5); dout = rng.normal(size=(2, 5, 2, 3))
win = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))
a = np.tensordot(win, w, axes=([1, 4, 5], [1, 2, 3])).transpose(0, 3, 1, 2) + b.reshape(1, -1, 1, 1)
blk = a.reshape(2, 5, 2, 2, 3, 2).transpose(0, 1, 2, 4, 3, 5).reshape(2, 5, 2, 3, 4)
winner = blk.argmax(-1)
p = np.take_along_axis(blk, winner[..., None], -1)[..., 0]
out = p * (p > 0)
loss = (dout * out).sum()
dp = np.where(p > 0, dout, 0)
dblk = np.zeros_like(blk)
np.put_along_axis(dblk, winner[..., None], dp[..., None], axis=-1)
da = dblk.reshape(2, 5, 2, 3, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(a.shape)
db = da.sum((0, 2, 3))
dw = np.tensordot(da, win, axes=([0, 2, 3], [0, 2, 3]))
dx = np.zeros(x.shape)
for (i, j), _ in np.ndenumerate(a[0, 0]):
    dx[:, :, i:i+3, j:j+3] += np.tensordot(da[:, :, i, j], w, axes=1)
