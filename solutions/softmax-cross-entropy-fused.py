"""Softmax and cross-entropy in one formula: a worked solution.

The whole way from the loss to the logits, done once on paper. The trick is to simplify before differentiating, not
after.
"""

# %% The derivation, for one example
# Write s for the scores of one example and y for its right class. The logarithm of a quotient is a difference, and the
# logarithm undoes the exponential on top:
#
#     -log p_y  =  log(sum over k of exp(s_k))  -  s_y
#
# Now differentiate by any one score s_j. The first part: the slope of the logarithm is one over the sum, and inside it
# only exp(s_j) depends on s_j. That is exp(s_j) over the sum: the probability p_j itself. The second part is there for
# the right class only, with the slope 1.
#
#     d(-log p_y)/d(s_j)  =  p_j  -  (1 if j is y, else 0)
#
# Nothing was assumed but the definition, and the softmax's own Jacobian, with its diagonal p(1-p) and everything beside
# the diagonal, never had to be written down.

# %% The derivation, for the batch
# The loss is the mean over n examples, and the scores of one example go into its own summand only. So each row is the
# formula above, over n. That division belongs here and nowhere else: whoever divides again when summing up dW has
# divided twice.

# %% What we start from
# Six examples of five features, four classes.
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(6, 5))
W = rng.uniform(-1, 1, size=(5, 4))
b = rng.uniform(-1, 1, size=4)
y = rng.integers(0, 4, size=6)


# %% Forwards
# The largest score of each row is subtracted before the exponential. It changes no probability, and nothing overflows.
# The backward pass needs only the probabilities and the right classes, so only these are kept.
def forward(x, W, b, y):
    logits = x @ W + b
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = shifted / shifted.sum(axis=1, keepdims=True)
    loss = -np.log(probs[np.arange(len(y)), y]).mean()
    return logits, probs, loss


logits, probs, loss = forward(x, W, b, y)


# %% Backwards
# Four derivatives, four lines. The ones at the right classes are taken away by picking these entries; a matrix of zeros
# and ones would do as well.
#
# The linear layer is the usual one. An entry of W met one feature in all examples, so it collects over the examples; an
# entry of x met one row of W, so it collects over the classes.
def backward(x, W, y, probs):
    dlogits = probs.copy()
    dlogits[np.arange(len(y)), y] -= 1
    dlogits /= len(y)
    dW = x.T @ dlogits
    db = dlogits.sum(axis=0)
    dx = dlogits @ W.T
    return dlogits, dW, db, dx


dlogits, dW, db, dx = backward(x, W, y, probs)
print(f"loss = {loss:.6f}")
print(dlogits)

# %% Check 1: what the formula says of itself
# Shifting all scores of an example changes nothing, so each row must sum to zero. And only the right class may be
# pulled up, which in a gradient is a negative entry.
assert np.allclose(dlogits.sum(axis=1), 0)
assert ((dlogits < 0) == (np.arange(4) == y[:, None])).all()


# %% Check 2: nudge every number
def nudged(array, tiny=1e-6):
    slopes = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + tiny
        above = forward(x, W, b, y)[2]
        array[place] = kept - tiny
        below = forward(x, W, b, y)[2]
        array[place] = kept
        slopes[place] = (above - below) / (2 * tiny)
    return slopes


for by_hand, array in [(dW, W), (db, b), (dx, x)]:
    assert np.allclose(by_hand, nudged(array), atol=1e-8)
print("By hand and by nudging: the same.")
