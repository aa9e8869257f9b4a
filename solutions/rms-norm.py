"""RMSNorm, step by step: a worked solution.

Four lines forwards, so four lines backwards, in the opposite order. Only the last one has two terms: x is read by the
product and by the mean square.
"""

# %% What we start from
# Four examples of six features. dout stands for whatever the rest of the network would send back.
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(4, 6))
gamma = rng.uniform(0.5, 1.5, size=6)
dout = rng.normal(size=(4, 6))
eps = 1e-5
N, D = x.shape

# %% The program
# The mean square is taken along each row and kept as a column.
ms = (x**2).mean(axis=1, keepdims=True)
r = (ms + eps) ** -0.5
xhat = x * r
out = gamma * xhat
loss = (dout * out).sum()

# %% Back through the scale
# gamma is one row, used by every example, so it collects over the examples.
dgamma = (dout * xhat).sum(axis=0)
dxhat = dout * gamma

# %% Back through the product and the root
# r is a column, stretched over the features, so it collects over those. Then the power rule: the exponent -1/2 comes
# down, and -3/2 is left, which is r**3.
dr = (dxhat * x).sum(axis=1, keepdims=True)
dms = -0.5 * r**3 * dr

# %% Back to the input
# As a factor of xhat, x gets what arrives there times r. In the mean square, each of the D features has a share of 1/D,
# and the slope of its square is twice itself.
dx = dxhat * r + dms * 2 * x / D

print(f"loss = {loss:.6f}")
print(dx)

# %% Check 1: what a normalisation must forget
# Multiplying a whole example by a number changes (almost) nothing, so moving along x itself must not change the loss.
# It would, if the second term had been forgotten.
assert np.allclose((dx * x).sum(axis=1), 0, atol=1e-4)


# %% Check 2: nudge every number
def loss_now():
    return (dout * gamma * x / np.sqrt((x**2).mean(axis=1, keepdims=True) + eps)).sum()


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


for by_hand, array in [(dx, x), (dgamma, gamma)]:
    assert np.allclose(by_hand, nudged(array), atol=1e-7)
print("By hand and by nudging: the same.")
