# exercise: conv2d-pool
# The bias is read at every place of every image; only the images are summed over.

import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(2, 3, 6, 8))
w = rng.uniform(-0.7, 0.7, size=(5, 3, 3, 3))
b = rng.normal(size=5)
dout = rng.normal(size=(2, 5, 2, 3))

N, C, height, width = x.shape
F = len(w)
rows, columns = height - 2, width - 2

a = np.zeros((N, F, rows, columns))
for i in range(rows):
    for j in range(columns):
        window = x[:, :, i : i + 3, j : j + 3]
        a[:, :, i, j] = np.einsum("nckl,fckl->nf", window, w) + b
blocks = a.reshape(N, F, rows // 2, 2, columns // 2, 2)
p = blocks.max(axis=(3, 5))
out = np.maximum(p, 0)
loss = (dout * out).sum()

dp = dout * (p > 0)

da = np.zeros_like(a)
for i in range(rows):
    for j in range(columns):
        is_largest = a[:, :, i, j] == p[:, :, i // 2, j // 2]
        da[:, :, i, j] = is_largest * dp[:, :, i // 2, j // 2]

db = da.sum(axis=0)  #> db wrong, first; code sum-missing; put da.sum(axis=(0, 2, 3))
dw = np.zeros_like(w)
dx = np.zeros_like(x)
for i in range(rows):
    for j in range(columns):
        window = x[:, :, i : i + 3, j : j + 3]
        dw += np.einsum("nf,nckl->fckl", da[:, :, i, j], window)
        dx[:, :, i : i + 3, j : j + 3] += np.einsum("nf,fckl->nckl", da[:, :, i, j], w)
