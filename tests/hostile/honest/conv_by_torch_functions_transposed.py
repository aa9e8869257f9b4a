# exercise: conv2d-pool
import torch
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
import torch.nn.functional as F
dp = dout * (p > 0)
_, at = F.max_pool2d(torch.tensor(a), 2, return_indices=True)
da = F.max_unpool2d(torch.tensor(dp), at, 2, output_size=a.shape[2:]).numpy()
db = da.sum((0, 2, 3))
dw = F.conv2d(torch.tensor(x).transpose(0, 1), torch.tensor(da).transpose(0, 1)).transpose(0, 1).numpy()
dx = F.conv_transpose2d(torch.tensor(da), torch.tensor(w)).numpy()
