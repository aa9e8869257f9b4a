"""Logistic regression on a batch, with a cross-entropy: a worked solution with NumPy.

`dz` is short for d(loss)/d(z), and so on. A derivative of the loss by an array is an array of the same shape: its
entry i says how fast the loss changes with entry i. Comparing shapes is the cheapest check there is.
"""

# %% What we start from
import numpy as np

X = np.array(
    [
        [0.5, -1.2, 0.8],
        [1.5, 0.3, -0.7],
        [-0.6, 0.9, 1.1],
        [-1.4, -0.5, 0.4],
        [0.7, 1.3, -0.9],
    ]
)
w = np.array([0.8, -0.6, 0.3])
b = 0.2
y = np.array([1, 0, 1, 0, 0])

# %% The model, once forwards
# One row of X is one observation. z, p and nll have one entry per observation: they are vectors of 5.
N = len(y)
z = X @ w + b
p = 1 / (1 + np.exp(-z))
nll = -(y * np.log(p) + (1 - y) * np.log(1 - p))
loss = nll.mean()

# %% Back through the mean
# loss = (nll_1 + ... + nll_N) / N. Each of them has the same share in it, 1 / N. The division by N happens HERE, and
# nowhere else: every later step inherits it.
dnll = np.full(N, 1 / N)

# %% Back through the logarithms
# Entry i of nll reads entry i of p and no other, so the step is taken entry by entry:
#     -y * log(p)              has the slope  -y / p
#     -(1 - y) * log(1 - p)    has the slope  +(1 - y) / (1 - p)       the minus inside turns the sign round
# For every observation one of the two terms is 0, because y is 0 or 1.
dp = dnll * (-y / p + (1 - y) / (1 - p))

# %% Back through the sigmoid
# What arrives, times the slope p * (1 - p), written with the output of the sigmoid.
dz = dp * p * (1 - p)

# %% What has become of it
# Put the last two steps together: (-y / p + (1 - y) / (1 - p)) * p * (1 - p)
#                                  = -y * (1 - p) + (1 - y) * p
#                                  = p - y
# The slope of the sigmoid, which is tiny where the model is sure, has been divided out by the slope of the logarithm,
# which is large there. What goes back to z is the plain error: a model that is surely wrong is told so with full force.
assert np.allclose(dz, (p - y) / N)

# %% Back through z = X @ w + b: a sum over the batch
# dw has 3 entries. Weight j is multiplied by X[i, j] in row i, for every i, so it collects from all rows:
#     dw[j] = dz[0] * X[0, j] + ... + dz[4] * X[4, j]
# This is row j of the transposed matrix times dz. The shapes agree: (3, 5) @ (5,) is (3,).
dw = X.T @ dz

# db is one number. The bias is added in every row and collects from all rows. A sum, not a mean: the 1 / N is in dz
# already, and dividing twice would make the bias learn N times too slowly.
db = dz.sum()

print(f"loss = {loss:.6f}")
print(f"dw = {dw}, db = {db:.6f}")


# %% Check: nudge
def loss_for(w, b):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    return -np.where(y == 1, np.log(p), np.log(1 - p)).mean()


tiny = 1e-5
nudges = tiny * np.eye(3)
nudged_w = [(loss_for(w + nudge, b) - loss_for(w - nudge, b)) / (2 * tiny) for nudge in nudges]
nudged_b = (loss_for(w, b + tiny) - loss_for(w, b - tiny)) / (2 * tiny)
assert np.allclose(dw, nudged_w, rtol=1e-6)
assert np.isclose(db, nudged_b, rtol=1e-6)
print("The nudged model agrees.")

# %% Use: a few steps down
# This is all that training is. (The new names leave the derivation above as it is.)
now_w, now_b = w.copy(), b
for _ in range(200):
    error = (1 / (1 + np.exp(-(X @ now_w + now_b))) - y) / N
    now_w, now_b = now_w - X.T @ error, now_b - error.sum()
print(f"loss after 200 steps down: {loss_for(now_w, now_b):.6f}")
