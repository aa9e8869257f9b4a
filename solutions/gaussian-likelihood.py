"""The log-likelihood of a Gaussian in several dimensions: a worked solution.

Three rules are needed besides the product rule. For a quadratic form, its slope by the matrix in the middle is the
product of its vectors. For the logarithm of a determinant, it is the transposed inverse. And for an inverse: moving
Sigma a little by E moves inv(Sigma) by -inv(Sigma) @ E @ inv(Sigma), so what arrives is carried back with the two
factors transposed.
"""

# %% What we start from
# Six observations in four dimensions, two factors.
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(6, 4))
mu = rng.uniform(-0.5, 0.5, size=4)
W = rng.normal(size=(4, 2))
s = 0.7
N, D = x.shape

# %% The program
# The rows of r are the observations. Row by row, (r @ P) * r sums up to the quadratic form of each.
Sigma = W @ W.T + s * np.eye(D)
P = np.linalg.inv(Sigma)
r = x - mu
L = -0.5 * ((r @ P) * r).sum() - N / 2 * np.linalg.slogdet(Sigma)[1] - N * D / 2 * np.log(2 * np.pi)

# %% Back to the mean
# Each r stands twice in its quadratic form, once on the left and once on the right. P is symmetric, so both give the
# same, and twice one half is one. The mean is subtracted in every row.
dr = -r @ P
dmu = -dr.sum(axis=0)

# %% Back to the inverse
# Entry j, k of P is multiplied by r[i, j] * r[i, k], for every observation i.
dP = -0.5 * r.T @ r

# %% Back to the covariance matrix
# It is read by the inverse and by the determinant. At the maximum, these two cancel: that is how one finds that the
# best covariance matrix is that of the data.
dSigma = -P.T @ dP @ P.T - N / 2 * P.T

# %% Back to factors and noise
# In W @ W.T the left factor gets dSigma @ W, and the right one the same with dSigma transposed. The noise was added
# along the diagonal.
dW = (dSigma + dSigma.T) @ W
ds = np.trace(dSigma)

print(f"L = {L:.6f}")
print(dW)


# %% Check: nudge every number
def likelihood_now(noise):
    covariance = W @ W.T + noise * np.eye(D)
    forms = np.sum((x - mu) * np.linalg.solve(covariance, (x - mu).T).T)
    return -0.5 * (forms + N * np.log(np.linalg.det(2 * np.pi * covariance)))


def nudged(array, tiny=1e-5):
    slopes = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + tiny
        above = likelihood_now(s)
        array[place] = kept - tiny
        below = likelihood_now(s)
        array[place] = kept
        slopes[place] = (above - below) / (2 * tiny)
    return slopes


assert np.isclose(L, likelihood_now(s))
assert np.allclose(dmu, nudged(mu), atol=1e-6)
assert np.allclose(dW, nudged(W), atol=1e-6)
assert np.isclose(ds, (likelihood_now(s + 1e-5) - likelihood_now(s - 1e-5)) / 2e-5)
print("By hand and by nudging: the same.")
