"""Layer normalisation, step by step: a worked solution.

The same three lines of statistics as in batch normalisation, but along the other axis. So before each sum there is one
question to be asked: along which axis was this quantity stretched? It collects along that axis and no other.

gamma and beta are rows, stretched over the examples: they sum over axis 0. mean, var and rstd are columns, stretched
over the features: they sum over axis 1.
"""

# %% What we start from
# Four examples of six features.
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(4, 6))
gamma = rng.uniform(0.5, 1.5, size=6)
beta = rng.uniform(-1, 1, size=6)
dout = rng.normal(size=(4, 6))

# %% The program
mean = x.mean(axis=1, keepdims=True)
diff = x - mean
var = (diff**2).mean(axis=1, keepdims=True)
rstd = (var + 1e-5) ** -0.5
xhat = diff * rstd
out = gamma * xhat + beta
loss = (dout * out).sum()

# %% Back through the scale and the shift
# The gradients go into a dict, each under its own name, as one would keep them for an optimiser. The two rows sum over
# the examples.
grads = {}
grads["dbeta"] = dout.sum(axis=0)
grads["dgamma"] = (dout * xhat).sum(axis=0)
grads["dxhat"] = dout * gamma

# %% Back through xhat = diff * rstd
# A column in a product: it sums over the features what arrives times the other factor.
grads["drstd"] = (grads["dxhat"] * diff).sum(axis=1, keepdims=True)

# %% Back through the root
# The exponent comes down, and one less is left: minus three halves. Since rstd is the power minus one half, its third
# power is just that.
grads["dvar"] = -0.5 * rstd**3 * grads["drstd"]

# %% diff is read twice
# By the product, which sends rstd times what arrived at xhat. And by the variance, which is the mean of squares: each
# of the d numbers of an example is in it with the factor 1/d, and its square has the slope 2 diff.
d = x.shape[1]
grads["ddiff"] = rstd * grads["dxhat"] + 2 * diff / d * grads["dvar"]

# %% Back through diff = x - mean
# A column that was stretched and subtracted.
grads["dmean"] = -grads["ddiff"].sum(axis=1, keepdims=True)

# %% x is read twice
# By the difference, which passes on what arrives, and by the mean, which shares out what arrived at it among the d
# features.
grads["dx"] = grads["ddiff"] + grads["dmean"] / d

print(f"loss = {loss:.6f}")
print(grads["dx"])

# %% Check 1: what normalisation must forget
# Here it is the rows that must sum to zero: adding the same number to all features of one example changes nothing.
assert np.allclose(grads["dx"].sum(axis=1), 0)


# %% Check 2: nudge every number
def loss_now():
    centred = x - x.mean(axis=1, keepdims=True)
    return (dout * (gamma * centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5) + beta)).sum()


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


for name, array in [("dx", x), ("dgamma", gamma), ("dbeta", beta)]:
    assert np.allclose(grads[name], nudged(array), atol=1e-7)
print("By hand and by nudging: the same.")
