"""The triplet loss, with one embedding used three times: a worked solution.

Draw the graph first. W has three arrows to a, p and n; a has two, to near and to far; the rest is a chain. Where arrows
part on the way down, gradients are added on the way up: two terms for a, three for W.
"""

# %% What we start from
# Five triplets of examples with four features, and an embedding in three dimensions.
import numpy as np

rng = np.random.default_rng(0)
xa = rng.normal(size=(5, 4))
xp = rng.normal(size=(5, 4))
xn = rng.normal(size=(5, 4))
W = rng.uniform(-0.7, 0.7, size=(4, 3))
margin = 0.5
N = len(xa)

# %% The program
a = xa @ W
p = xp @ W
n = xn @ W
near = ((a - p) ** 2).sum(axis=1)
far = ((a - n) ** 2).sum(axis=1)
hinge = np.maximum(0, near - far + margin)
loss = hinge.mean()

# %% Back through the mean and the hinge
# A triplet that is in order already, with hinge 0, teaches nothing: its gradient is 0. In the difference, far has a
# minus.
dhinge = np.full(N, 1 / N)
dnear = dhinge * (hinge > 0)
dfar = -dhinge * (hinge > 0)

# %% Back through the two squared distances
# The slope of a square is twice its base, and the base is a difference: its first part gets that, its second part gets
# minus that. dnear and dfar are one number per triplet, so they become columns to be multiplied with rows.
#
# The anchor is the first part of both differences, and gets from both.
by_near = 2 * dnear[:, None] * (a - p)
by_far = 2 * dfar[:, None] * (a - n)
da = by_near + by_far
dp = -by_near
dn = -by_far

# %% Back to the weights
# Three linear maps with the same weights: three products, and their sum.
dW = xa.T @ da + xp.T @ dp + xn.T @ dn

print(f"loss = {loss:.6f}, {int((hinge > 0).sum())} of {N} triplets violate the margin")
print(dW)

# %% Check 1: moving all three embeddings together
# Distances do not change if all three points of a triplet are moved alike, so what they get must add up to zero.
assert np.allclose(da + dp + dn, 0)


# %% Check 2: nudge every weight
def loss_now():
    one, two, three = xa @ W, xp @ W, xn @ W
    return np.maximum(0, ((one - two) ** 2 - (one - three) ** 2).sum(axis=1) + margin).mean()


tiny = 1e-6
slopes = np.zeros_like(W)
for place in np.ndindex(W.shape):
    kept = W[place]
    W[place] = kept + tiny
    above = loss_now()
    W[place] = kept - tiny
    below = loss_now()
    W[place] = kept
    slopes[place] = (above - below) / (2 * tiny)
assert np.allclose(dW, slopes, atol=1e-7)
print("By hand and by nudging: the same.")
