"""Batch normalisation, there and back: a worked solution.

Normalising a batch ties its rows together: every row has a part in the mean and in the variance, and so a part in the
output of every other row. The safe way through is to give each node of the forward pass a line and a name, and then
to walk back line by line. None of the lines is difficult. What can go wrong is to lose one.
"""

# %% Forwards
# centred is read twice, by the variance and by x_hat. The input is read twice as well, by the mean and by centred.
# These two are the crossroads to remember. The running averages are for test time and have no part in the gradient.
import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "test":
        return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta, None

    mean = x.mean(axis=0)
    centred = x - mean
    var = (centred**2).mean(axis=0)
    inverse_std = 1 / np.sqrt(var + eps)
    x_hat = centred * inverse_std
    out = gamma * x_hat + beta

    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    cache = (gamma, centred, inverse_std, x_hat)
    return out, cache


# %% Back, line by line
# out = gamma * x_hat + beta. Gamma and beta are one number for a feature and were used by all N rows, so they collect
# over the rows.
#
# x_hat = centred * inverse_std. A product, and the second factor is again one number for all rows. centred gets its
# first part here.
#
# inverse_std = (var + eps) -0.5. The power rule: minus one half, times the power -3/2, which is the cube of
# inverse_std.
#
# var = mean of centred 2. Every row sent its square with the weight 1/N, so every row gets 2 * centred / N times what
# arrives. This is the second part of centred, and it is added.
#
# centred = x - mean. x gets what arrives as it is. The mean was subtracted from all rows, so it collects them all,
# with a minus; and the mean was made with the weight 1/N for each row. So the second part of x is minus the mean of
# the first.
def batchnorm_backward(dout, cache):
    gamma, centred, inverse_std, x_hat = cache
    n = dout.shape[0]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = dout * gamma
    dinverse_std = (dx_hat * centred).sum(axis=0)
    dvar = -0.5 * inverse_std**3 * dinverse_std
    dcentred = dx_hat * inverse_std + 2 * centred / n * dvar
    dmean = -dcentred.sum(axis=0)
    dx = dcentred + dmean / n
    return dx, dgamma, dbeta


# %% Check: nudge every number
# We move each number a little to either side and see what the forward function, which knows nothing of our rules,
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
    batch, scale, shift = rng.normal(size=(7, 4)), rng.normal(size=4), rng.normal(size=4)
    arriving = rng.normal(size=(7, 4))

    def forward():
        return batchnorm_forward(batch, scale, shift, {"mode": "train"})

    for by_hand, array in zip(batchnorm_backward(arriving, forward()[1]), (batch, scale, shift)):
        assert np.allclose(by_hand, nudged(lambda: forward()[0], array, arriving), atol=1e-7)


check_by_nudging()
print("The derivation and the nudged program agree.")
