"""One step of a Kalman filter: a worked solution.

Draw the graph first, and count the arrows that leave each quantity: A has three, the predicted covariance Pp two, the
predicted mean mp two. Each of them collects as many parts. Everything else is a product of matrices, or an inverse.
"""

# %% What we start from
# Three state variables, two measurements. P is a covariance matrix, so it is symmetric.
import numpy as np

rng = np.random.default_rng(0)
m = rng.normal(size=3)
P = np.array([[1.3, 0.4, -0.2], [0.4, 0.9, 0.3], [-0.2, 0.3, 1.1]])
A = rng.uniform(-1, 1, size=(3, 3))
q = rng.uniform(0.2, 0.8, size=3)
H = rng.uniform(-1, 1, size=(2, 3))
r = rng.uniform(0.3, 0.9, size=2)
y = rng.normal(size=2)
state = rng.normal(size=3)

# %% The program
# Prediction, comparison, gain, correction.
mp = A @ m
Pp = A @ P @ A.T + np.diag(q)
v = y - H @ mp
S = H @ Pp @ H.T + np.diag(r)
J = np.linalg.inv(S)
K = Pp @ H.T @ J
mean = mp + K @ v
loss = ((mean - state) ** 2).sum() / 2

# %% Back through the correction
# From a matrix times a vector, the matrix gets an outer product, and the vector gets the transposed matrix times what
# arrives.
dmean = mean - state
dK = np.outer(dmean, v)
dv = K.T @ dmean

# %% Back through the gain and the inverse
# In K = (Pp @ H.T) @ J the inverse is the right factor. An inverse sends back what arrives between two transposed
# inverses, with a minus. r is the diagonal of what was added to S.
dJ = (Pp @ H.T).T @ dK
dS = -J.T @ dJ @ J.T
dr = np.diag(dS)

# %% Both ways back to the prediction
# The covariance is the left factor of the gain, and stands in the middle of S.
dPp = dK @ (H.T @ J).T + H.T @ dS @ H
# The mean is what was corrected, and it was compared with the measurement, with a minus.
dmp = dmean - H.T @ dv

# %% Back through the prediction
# A once in the mean, and twice in the covariance: on the left, and transposed on the right.
dq = np.diag(dPp)
dA = np.outer(dmp, m) + dPp @ A @ P.T + dPp.T @ A @ P
dm = A.T @ dmp

print(f"loss = {loss:.6f}")
print(dA)


# %% Check: nudge every number
def loss_now():
    predicted, spread = A @ m, A @ P @ A.T + np.diag(q)
    gain = spread @ H.T @ np.linalg.inv(H @ spread @ H.T + np.diag(r))
    return ((predicted + gain @ (y - H @ predicted) - state) ** 2).sum() / 2


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


for by_hand, array in [(dA, A), (dq, q), (dr, r), (dm, m)]:
    assert np.allclose(by_hand, nudged(array), atol=1e-7)
print("By hand and by nudging: the same.")
