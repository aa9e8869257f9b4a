"""Softmax and cross-entropy, step by step: a worked solution.

There are nine lines forwards, and eleven backwards. Three rules carry us through all of them, and each is a picture
rather than a formula.

Stretched, so summed. An array that was broadcast acted many times. What comes back from all those times is added up,
along the axis it was stretched along.

Read twice, so added. An array that two lines read collects a part from each.

Picked, so zero. From an array of which some entries were picked, the others get nothing.
"""

# %% What we start from
# Five examples of four features, three classes. All sizes are different, so that a product with a wrong transpose fails
# at once instead of passing for right.
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(5, 4))
W = rng.uniform(-1, 1, size=(4, 3))
b = rng.uniform(-1, 1, size=3)
y = rng.integers(0, 3, size=5)

# %% The program
# Every intermediate keeps a name of its own. The statistics of a row keep their axis: (5, 1) and not (5,), because (5,)
# would be stretched along the wrong axis.
n = len(y)
rows = np.arange(n)

logits = x @ W + b
logit_maxes = logits.max(axis=1, keepdims=True)
norm_logits = logits - logit_maxes
counts = np.exp(norm_logits)
counts_sum = counts.sum(axis=1, keepdims=True)
counts_sum_inv = counts_sum**-1
probs = counts * counts_sum_inv
logprobs = np.log(probs)
loss = -logprobs[rows, y].mean()

# %% Back through the picking and the mean
# The last line reads one entry of each row of logprobs, the one of the right class. Picked, so zero: all others get
# nothing. Those that were picked are averaged, so each goes into the loss with the factor 1/n, and with a minus.
dlogprobs = np.zeros_like(logprobs)
dlogprobs[rows, y] = -1 / n

# %% Back through the logarithm
# Entry by entry: what arrives, times the slope of the logarithm, which is one over what went in. A small probability
# for the right class makes a steep slope. This is how the loss shouts at confident mistakes.
dprobs = dlogprobs / probs

# %% Back through the normalisation
# probs = counts * counts_sum_inv is a product: each factor gets what arrives, times the other one. But the second
# factor is a column, and was stretched over the three classes. Stretched, so summed.
dcounts_sum_inv = (counts * dprobs).sum(axis=1, keepdims=True)

# One over s has the slope minus one over s squared.
dcounts_sum = -(counts_sum**-2) * dcounts_sum_inv

# %% counts is read twice
# It stands in the product, where it gets what arrives times the other factor. And it was summed: there each entry had
# the factor 1, so each gets what arrived at the sum, a whole row the same number. Read twice, so added.
dcounts = counts_sum_inv * dprobs + dcounts_sum

# %% Back through the exponential
# The slope of the exponential is its own value, and that is counts.
dnorm_logits = counts * dcounts

# %% Back through the subtraction
# logit_maxes is a column that was stretched and subtracted. So: minus, and summed along the rows.
#
# It comes out as zero, but for rounding. It has to: shifting a whole row of scores changes no probability. This is a
# check on the three steps before it. If one of them had lost a branch, the zero would be gone.
dlogit_maxes = -dnorm_logits.sum(axis=1, keepdims=True)

# %% logits is read twice
# The subtraction passes on what arrives. The maximum passes it to the one entry that won the row. The second part adds
# zeros here; it is in the graph all the same, so it stands in the formula.
won = logits == logit_maxes
dlogits = dnorm_logits + won * dlogit_maxes

# %% Back through the linear layer
# Write one entry out: logits[i, j] is the sum over k of x[i, k] * W[k, j], plus b[j]. So W[k, j] met x[i, k] in every
# example i, and collects over the examples; x[i, k] met W[k, j] for every class j, and collects over the classes; b[j]
# was stretched over the examples. Products of matrices do these sums.
#
# The shapes leave no other choice: (4, 5) times (5, 3) is the shape of W, (5, 3) times (3, 4) that of x.
dW = x.T @ dlogits
db = dlogits.sum(axis=0)
dx = dlogits @ W.T

print(f"loss = {loss:.6f}")
print(dlogits)

# %% Check 1: the formula everybody knows
# All of that, from the loss to the logits, is the probabilities, minus one at the right class, over n. Nothing of it
# was used above.
fused = probs.copy()
fused[rows, y] -= 1
assert np.allclose(dlogits, fused / n)


# %% Check 2: nudge every number
# The program knows nothing of our rules. Move one number a little to either side, and see what the loss does.
def loss_now():
    scores = x @ W + b
    return (np.log(np.exp(scores).sum(axis=1)) - scores[rows, y]).mean()


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


for by_hand, array in [(dW, W), (db, b), (dx, x)]:
    assert np.allclose(by_hand, nudged(array), atol=1e-8)
print("By hand and by nudging: the same.")
