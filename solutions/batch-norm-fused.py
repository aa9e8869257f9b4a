"""Batch normalisation in one formula: a worked solution.

One entry of the input reaches the loss along three paths: directly, through the mean, and through the variance. We
write down what comes back along each of them, for one feature, and then look at what is left.

Write g for what arrives at the normalised values: g = gamma * dout.
"""

# %% The derivation: three paths
# The direct path. The normalised value is the difference times inv:
#
#     inv * g_i
#
# Through the mean. It was subtracted in all n examples, and entry i is in it with 1/n:
#
#     -inv * (sum of all g) / n
#
# Through the variance. It collects the sum of diff_j * g_j, times the slope of the root, -inv**3 / 2; and entry i is in
# it with 2 * diff_i / (n - 1). That the mean inside the variance moves too adds nothing: the differences sum to zero.
# With xhat = diff * inv, two of the three factors inv go into the normalised values:
#
#     -inv * xhat_i * (sum of all xhat * g) / (n - 1)

# %% The derivation: the sums have names already
# gamma is one number per feature, so it can be taken out of both sums. What is left inside are dbeta, the sum of what
# arrives, and dgamma, the sum of what arrives times xhat.
#
#     dx = gamma * inv * (dout - dbeta / n - xhat * dgamma / (n - 1))
#
# The n-1 stands at the term that came through the variance, and only there. With a variance that divides by n it would
# be n in both places, as in the paper.

# %% What we start from
# Seven examples of four features.
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(7, 4))
gamma = rng.uniform(0.5, 1.5, size=4)
beta = rng.uniform(-1, 1, size=4)
dout = rng.normal(size=(7, 4))


# %% Forwards
# What the backward pass will need is handed on: xhat and inv. The input itself is not needed any more.
def batch_norm(x, gamma, beta):
    mean = x.mean(axis=0, keepdims=True)
    var = x.var(axis=0, keepdims=True, ddof=1)
    inv = 1 / np.sqrt(var + 1e-5)
    xhat = (x - mean) * inv
    return gamma * xhat + beta, (xhat, inv, gamma)


out, cache = batch_norm(x, gamma, beta)
loss = (dout * out).sum()


# %% Backwards
def batch_norm_backward(dout, cache):
    xhat, inv, gamma = cache
    n = len(dout)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dx = gamma * inv * (dout - dbeta / n - xhat * dgamma / (n - 1))
    return dx, dgamma, dbeta


dx, dgamma, dbeta = batch_norm_backward(dout, cache)
print(f"loss = {loss:.6f}")
print(dx)

# %% Check 1: what the formula says of itself
# Shifting a feature in all examples alike is undone by the normalisation, so every column of dx sums to zero.
# Stretching it is undone too (but for epsilon), so there is nothing along xhat either.
assert np.allclose(dx.sum(axis=0), 0)
assert np.allclose((dx * cache[0]).sum(axis=0), 0, atol=1e-4)


# %% Check 2: nudge every number
def loss_now():
    return (dout * batch_norm(x, gamma, beta)[0]).sum()


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


for by_hand, array in [(dx, x), (dgamma, gamma), (dbeta, beta)]:
    assert np.allclose(by_hand, nudged(array), atol=1e-7)
print("By hand and by nudging: the same.")
