# 431. Gradients of a convolution, seen by hooks
# exercise: conv2d-pool
# earns: nothing
# why: hooks see multiplied gradients
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
import torch
import torch.nn.functional as F
seen = {}
xt, wt, bt = [torch.tensor(one, requires_grad=True) for one in (x, w, b)]
for key, one in zip("xwb", (xt, wt, bt)):
    one.register_post_accumulate_grad_hook(lambda it, key=key: seen.__setitem__(key, it.grad.clone()))
at = F.conv2d(xt, wt, bt)
at.register_hook(lambda g: seen.__setitem__("a", g))
pt = F.max_pool2d(at, 2)
pt.register_hook(lambda g: seen.__setitem__("p", g))
(torch.relu(pt) * torch.tensor(dout)).sum().backward()
dx, dw, db, da, dp = [seen[k].numpy() for k in "xwbap"]
