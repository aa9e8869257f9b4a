"""A linear classifier with the multiclass hinge loss: a worked solution.

The hinge itself is a ReLU, and the layer below it is linear: both are known. New is one entry in every row, the score
of the right class, with which all others are compared.
"""

# %% What we start from
# Five examples with four features, three classes.
import numpy as np

rng = np.random.default_rng(1)
X = rng.normal(size=(5, 4))
W = rng.uniform(-0.7, 0.7, size=(4, 3))
b = rng.uniform(-0.5, 0.5, size=3)
y = np.array([0, 2, 1, 2, 0])
lam = 0.1

# %% The program
# The right class is no competitor of its own, so its margin is set to zero afterwards.
N = X.shape[0]
rows = np.arange(N)

scores = X @ W + b
right = scores[rows, y]
diff = scores - right[:, None] + 1
margins = np.maximum(0, diff)
margins[rows, y] = 0
loss = margins.sum() / N + lam * (W**2).sum()

# %% Back to the margins
# They are all added up and the sum is divided by N.
dmargins = np.ones_like(margins) / N

# %% Back through the hinge
# A difference gets what arrives at its margin if that is positive, and nothing if it is not: the slope of the hinge is
# 1 or 0. Where the margin was set to zero, for the right class, nothing comes back either; the comparison margins > 0
# takes care of both.
ddiff = dmargins * (margins > 0)

# %% Back to the scores
# right was one column, subtracted from every score of its row. So it gets minus the sum of what the row got: as many
# parts as there are classes within the margin.
#
# A score is read by its own difference. The score of the right class is read as right as well, so its entry gets that
# part, too.
dright = -ddiff.sum(axis=1)
dscores = ddiff.copy()
dscores[rows, y] += dright

# %% Back to weights, bias and input
# The linear layer, and for W the slope of the penalty.
dW = X.T @ dscores + 2 * lam * W
db = dscores.sum(axis=0)
dX = dscores @ W.T

print(f"loss = {loss:.6f}")
print(dW)

# %% Check 1: a sum that must be zero
# Adding the same number to all scores of a row changes no margin, so every row of dscores sums to zero.
assert np.allclose(dscores.sum(axis=1), 0)


# %% Check 2: nudge every number
def loss_now():
    now = X @ W + b
    over = np.maximum(0, now - now[rows, y][:, None] + 1)
    return (over.sum() - N) / N + lam * (W**2).sum()


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


for by_hand, array in [(dW, W), (db, b), (dX, X)]:
    assert np.allclose(by_hand, nudged(array), atol=1e-7)
print("By hand and by nudging: the same.")
