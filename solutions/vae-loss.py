"""The loss of a variational autoencoder: a worked solution.

The graph is a chain with two forks: mu and logvar are read by the sample and, each a second time, by the
Kullback-Leibler term. At both forks, two parts are added.
"""

# %% What we start from
# Five examples of four features, two hidden numbers each. eps is drawn here, once, and is a given number from then on:
# this is the reparametrisation.
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(5, 4))
Wmu = rng.uniform(-0.8, 0.8, size=(4, 2))
Wlogvar = rng.uniform(-0.6, 0.6, size=(4, 2))
Wdec = rng.normal(size=(2, 4))
b = rng.uniform(-0.5, 0.5, size=4)
eps = rng.normal(size=(5, 2))
N = len(x)

# %% The program
# The encoder computes the logarithm of the variance, so that every number is a valid one.
mu = x @ Wmu
logvar = x @ Wlogvar
sigma = np.exp(logvar / 2)
z = mu + sigma * eps
xhat = z @ Wdec + b
recon = ((xhat - x) ** 2).sum() / (2 * N)
kl = (mu**2 + np.exp(logvar) - 1 - logvar).sum() / (2 * N)
loss = recon + kl

# %% Back through the reconstruction
# A squared error and a linear layer. The target x is the input as well, but what we want are the derivatives by the
# weights, so x stays where it is.
dxhat = (xhat - x) / N
dWdec = z.T @ dxhat
db = dxhat.sum(axis=0)
dz = dxhat @ Wdec.T

# %% Back through the sample
# sigma is a factor, and the other factor is eps.
dsigma = dz * eps

# %% Back to mean and log-variance
# mu is added in the sample, so what arrives there passes. In the Kullback-Leibler term its square, with one half in
# front, has the slope mu, divided by the number of examples.
dmu = dz + mu / N
# The slope of `exp(logvar / 2)` is half of itself: `sigma / 2`. In the Kullback-Leibler term, `exp(logvar)` is its own
# slope, and `- logvar` has the slope -1.
dlogvar = dsigma * sigma / 2 + (np.exp(logvar) - 1) / (2 * N)

# %% Back through the encoder
dWmu = x.T @ dmu
dWlogvar = x.T @ dlogvar

print(f"loss = {loss:.6f} (reconstruction {recon:.6f}, divergence {kl:.6f})")
print(dWmu)


# %% Check: nudge every number
# With the same eps each time: another draw would be another function.
def loss_now():
    mean, log_variance = x @ Wmu, x @ Wlogvar
    made = (mean + np.exp(log_variance / 2) * eps) @ Wdec + b
    terms = mean**2 + np.exp(log_variance) - 1 - log_variance
    return (((made - x) ** 2).sum() + terms.sum()) / (2 * N)


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


for by_hand, array in [(dWmu, Wmu), (dWlogvar, Wlogvar), (dWdec, Wdec), (db, b)]:
    assert np.allclose(by_hand, nudged(array), atol=1e-8)
print("By hand and by nudging: the same.")
