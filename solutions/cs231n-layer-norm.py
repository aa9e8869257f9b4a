"""Layer normalisation, there and back: a worked solution.

This time in the closed form: three lines of algebra instead of a walk over the graph. It is worth knowing how the two
hang together.
"""

# %% Forwards
# Each row is normalised by itself, so the mean and the variance run along the rows, and keep an axis of length 1 so
# that they stand against the rows they belong to. Gamma and beta still belong to the columns.
import numpy as np


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    mean = x.mean(axis=1, keepdims=True)
    std = np.sqrt(x.var(axis=1, keepdims=True) + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    cache = (gamma, x_hat, std)
    return out, cache


# %% Back
# For gamma and beta nothing has changed against batch normalisation: one number for each feature, used by every
# example, so they collect down the columns.
#
# For the input, begin with what arrives at x_hat: g = dout * gamma. Normalising a row does two things to it, and the
# way back undoes what they make impossible.
#
# The output of a normalisation has mean 0. Whatever x does, it cannot move the mean of x_hat. So the part of g that
# asks for a common shift is of no use, and is taken out: subtract the mean of g.
#
# The output has length 1 (on average, for each feature). x cannot make x_hat longer either, so the part of g along
# x_hat is of no use: subtract x_hat times the mean of g * x_hat.
#
# What is left is scaled by one over the standard deviation, as the row was.
#
# Gamma differs from feature to feature, so it has to be inside g before the means along the row are taken. (In batch
# normalisation it is one number in each mean and may be multiplied in at the end.)
def layernorm_backward(dout, cache):
    gamma, x_hat, std = cache
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    g = dout * gamma
    common_shift = g.mean(axis=1, keepdims=True)
    stretch = (g * x_hat).mean(axis=1, keepdims=True)
    dx = (g - common_shift - x_hat * stretch) / std
    return dx, dgamma, dbeta


# %% Check: nudge every number
# We move each number a little to either side and see what the forward function, which knows nothing of our algebra,
# makes of it.
def nudged(f, array, dout, tiny=1e-5):
    """How fast the sum of f() * dout changes with each entry of `array`."""
    slopes = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + tiny
        above = f()
        array[place] = kept - tiny
        slopes[place] = np.sum((above - f()) * dout) / (2 * tiny)
        array[place] = kept
    return slopes


def check_by_nudging():
    rng = np.random.default_rng(0)
    batch, scale, shift = rng.normal(size=(4, 7)), rng.normal(size=7), rng.normal(size=7)
    arriving = rng.normal(size=(4, 7))
    _, cache = layernorm_forward(batch, scale, shift, {})
    for by_hand, array in zip(layernorm_backward(arriving, cache), (batch, scale, shift)):
        slopes = nudged(lambda: layernorm_forward(batch, scale, shift, {})[0], array, arriving)
        assert np.allclose(by_hand, slopes, atol=1e-7)


check_by_nudging()
print("The derivation and the nudged program agree.")
