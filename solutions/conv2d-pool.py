"""A convolution of images, with max pooling: a worked solution.

As in conv1d, the way back through a convolution is its forward loop with another body. The pooling is a loop over
blocks, and on its way back one only has to know which of the four numbers was the largest.
"""

# %% What we start from
# Two images with three channels, six rows and eight columns; five kernels of 3 by 3.
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(2, 3, 6, 8))
w = rng.uniform(-0.7, 0.7, size=(5, 3, 3, 3))
b = rng.normal(size=5)
dout = rng.normal(size=(2, 5, 2, 3))

# %% The program
# At each row and column, the window that begins there is multiplied by each kernel and summed up, for all images at
# once.
N, C, height, width = x.shape
F = len(w)
rows, columns = height - 2, width - 2

a = np.zeros((N, F, rows, columns))
for i in range(rows):
    for j in range(columns):
        window = x[:, :, i : i + 3, j : j + 3]
        a[:, :, i, j] = np.einsum("nckl,fckl->nf", window, w) + b
# Blocks of 2 by 2: two axes are made of each, and the maximum is taken over the new ones.
blocks = a.reshape(N, F, rows // 2, 2, columns // 2, 2)
p = blocks.max(axis=(3, 5))
out = np.maximum(p, 0)
loss = (dout * out).sum()

# %% Back through the ReLU
dp = dout * (p > 0)

# %% Back through the pooling
# An entry that was the maximum of its block gets what arrived there, any other gets nothing. (Two equal numbers in a
# block would be a kink, where there is no derivative. With drawn numbers that does not happen.)
da = np.zeros_like(a)
for i in range(rows):
    for j in range(columns):
        is_largest = a[:, :, i, j] == p[:, :, i // 2, j // 2]
        da[:, :, i, j] = is_largest * dp[:, :, i // 2, j // 2]

# %% Back through the convolution
# The bias was added everywhere. For kernels and images, the forward loop again: window and kernel stood in a product,
# so each gets what arrived, times the other; and both are used again at the next place, so both are +=.
db = da.sum(axis=(0, 2, 3))
dw = np.zeros_like(w)
dx = np.zeros_like(x)
for i in range(rows):
    for j in range(columns):
        window = x[:, :, i : i + 3, j : j + 3]
        dw += np.einsum("nf,nckl->fckl", da[:, :, i, j], window)
        dx[:, :, i : i + 3, j : j + 3] += np.einsum("nf,fckl->nckl", da[:, :, i, j], w)

print(f"loss = {loss:.6f}")
print(dw[0, 0])


# %% Check: nudge every number
def loss_now():
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))
    now = np.einsum("ncijkl,fckl->nfij", windows, w) + b[:, None, None]
    largest = now.reshape(N, F, rows // 2, 2, columns // 2, 2).max(axis=(3, 5))
    return (dout * np.maximum(largest, 0)).sum()


def nudged(array, tiny=1e-6):
    slopes = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + tiny
        above = loss_now()
        array[place] = kept - tiny
        below = loss_now()
        array[place] = kept
        slopes[place] = (above - below) / (2 * tiny)
    return slopes


for by_hand, array in [(dw, w), (db, b), (dx, x)]:
    assert np.allclose(by_hand, nudged(array), atol=1e-7)
print("By hand and by nudging: the same.")
