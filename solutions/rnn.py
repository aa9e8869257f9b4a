"""A recurrent network through T steps: a worked solution.

One network is used again at every moment, and so its weights collect a contribution from every moment. The walk back
keeps one thing in hand: how fast the loss changes with the state it stands at. At each moment it does the same four
things.

1. Add what this moment's own loss says about the state to what the next moment sent back.

2. Go back through the tanh.

3. Leave a contribution with each of the weights.

4. Send a part on to the moment before.
"""

# %% What we start from
# Any numbers of the right shapes will do. x and y have a row 0 that nobody reads, so that x[t] is what is read at
# time t.
import numpy as np

rng = np.random.default_rng(0)
T = 4
W = rng.uniform(-0.9, 0.9, (3, 3))
U = rng.uniform(-0.9, 0.9, (3, 2))
b = rng.uniform(-0.5, 0.5, 3)
x = rng.normal(size=(T + 1, 2))
y = rng.uniform(-1, 1, (T + 1, 3))
h0 = rng.uniform(-1, 1, 3)

# %% The program
# Every state is kept, because the way back needs them all: the slope of tanh at time t is written with h[t], and the
# contribution to W with h[t-1].
a = np.zeros((T + 1, 3))
h = np.zeros((T + 1, 3))
h[0] = h0
for t in range(1, T + 1):
    a[t] = W @ h[t - 1] + U @ x[t] + b
    h[t] = np.tanh(a[t])
L = np.sum((h[1:] - y[1:]) ** 2) / 2

# %% Back through time
# Two readers send something back to h[t]. The loss of the same moment, half a square, sends h[t] - y[t]. The next
# moment sends what its own a[t+1] gets, through W: on the way forwards W took the state to a, row by row, so on the
# way back its columns collect, which is what the transpose says. After the last moment there is no next one, so the
# parcel from the future starts out empty.
#
# The weights are read at every moment, so they collect over all of them: +=, never =. At time t the matrix W was
# multiplied by the state before, h[t-1]. Entry (j, k) of W takes entry k of that state to entry j of a[t], so it gets
# the product of the two, and all entries together are an outer product.
dW = np.zeros_like(W)
dU = np.zeros_like(U)
db = np.zeros_like(b)
dh = np.zeros((T + 1, 3))
da = np.zeros((T + 1, 3))
from_the_future = np.zeros(3)
for t in reversed(range(1, T + 1)):
    dh[t] = (h[t] - y[t]) + from_the_future
    da[t] = (1 - h[t] ** 2) * dh[t]
    dW += np.outer(da[t], h[t - 1])
    dU += np.outer(da[t], x[t])
    db += da[t]
    from_the_future = W.T @ da[t]

# %% Where the walk ends
# What the first moment sends back arrives at h[0]. That state has no loss of its own, so the parcel is all it gets.
dh0 = from_the_future


# %% Check: nudge every number
# The program knows nothing of our rules. We move each number a little to either side and see what the loss does. The
# factor 1 - h[t] ** 2 is at most 1, and multiplied over many moments it is what makes gradients vanish; four moments
# are few enough to see them all.
def loss():
    state, total = h0, 0.0
    for time in range(1, T + 1):
        state = np.tanh(W @ state + U @ x[time] + b)
        total += np.sum((state - y[time]) ** 2) / 2
    return total


def nudged(array, tiny=1e-5):
    slopes = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + tiny
        above = loss()
        array[place] = kept - tiny
        slopes[place] = (above - loss()) / (2 * tiny)
        array[place] = kept
    return slopes


for by_hand, array in ((dW, W), (dU, U), (db, b), (dh0, h0)):
    assert np.allclose(by_hand, nudged(array), atol=1e-8)
print("The derivation and the nudged program agree.")
