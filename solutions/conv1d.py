"""A convolution in one dimension: a worked solution.

Loops first. Written as loops, the forward pass is a list of products, and the backward pass is the same list read
again: every product w * xpad that went into an entry of out sends dout * xpad to that weight and dout * w to that
input. Nothing else happens.

So the backward loops are the forward loops, word for word, with another body. There are no indices to be worked out,
and none to get wrong.
"""

# %% What we start from
# Two examples with three channels of length eight; four filters of length five.
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(2, 3, 8))
w = rng.normal(size=(4, 3, 5))
b = rng.normal(size=4)
dout = rng.normal(size=(2, 4, 6))

# %% Padding
# One zero in front and one behind, so that a channel is ten long. A kernel of five then fits in six places.
N, C, L = x.shape
F, _, K = w.shape
T = L + 2 - K + 1

xpad = np.zeros((N, C, L + 2))
xpad[:, :, 1:-1] = x

# %% The program
# For every example, filter and place: lay the kernel over the window that begins there, multiply, and sum up over
# channels and the length of the kernel.
out = np.zeros((N, F, T))
for i in range(N):
    for f in range(F):
        for t in range(T):
            window = xpad[i, :, t : t + K]
            out[i, f, t] = (w[f] * window).sum() + b[f]
loss = (dout * out).sum()

# %% Back to the bias
# The same number was added in every example and at every place, so it sums over both. The axis of the filters stays.
db = dout.sum(axis=(0, 2))

# %% Back to the kernel and the padded input
# The loops of the forward pass once more. In each turn, kernel and window stood in one product; each of the two gets
# what arrived at the result, times the other one. And both have other turns: the kernel is used at all places, and the
# next window overlaps this one in four of five numbers. So both are +=. An = would keep the last turn only.
dw = np.zeros_like(w)
dxpad = np.zeros_like(xpad)
for i in range(N):
    for f in range(F):
        for t in range(T):
            dw[f] += dout[i, f, t] * xpad[i, :, t : t + K]
            dxpad[i, :, t : t + K] += dout[i, f, t] * w[f]

# %% Back to the input
# The outer two numbers of each channel are the zeros that we put in. Their gradient is dropped, and what is left is the
# shape of x.
dx = dxpad[:, :, 1:-1]

print(f"loss = {loss:.6f}")
print(dw[0])

# %% Check 1: the same without loops
# All windows at once, and two sums over them. This is how one would write it for speed, once the loops are there to
# compare with.
windows = np.lib.stride_tricks.sliding_window_view(xpad, K, axis=2)
assert np.allclose(out, np.einsum("nctk,fck->nft", windows, w) + b[:, None])
assert np.allclose(dw, np.einsum("nft,nctk->fck", dout, windows))


# %% Check 2: nudge every number
def loss_now():
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1)))
    views = np.lib.stride_tricks.sliding_window_view(padded, K, axis=2)
    return (dout * (np.einsum("nctk,fck->nft", views, w) + b[:, None])).sum()


def nudged(array, tiny=1e-5):
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
