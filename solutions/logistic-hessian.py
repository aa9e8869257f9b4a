"""The Hessian of logistic regression, and a Newton step: a worked solution.

Two derivatives, one after the other. The first is that of logistic-regression. The second asks of every line of the
first how fast its result changes with w, and only one line has an interesting answer.
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
        [-0.3, 0.6, -1.6],
    ]
)
w = np.array([0.8, -0.6, 0.3])
y = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 1.0])
lam = 0.1
N, D = X.shape

# %% The program
z = X @ w
p = 1 / (1 + np.exp(-z))
J = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)) + lam / 2 * np.sum(w**2)

# %% The gradient
# Logarithm and sigmoid together leave the difference p - y; the mean divides by the number of observations. Then back
# through the product with X, and the penalty adds its own part: the 2 of the square and the 1/2 in front cancel.
dz = (p - y) / N
g = X.T @ dz + lam * w

# %% The slopes of the sigmoid
# Each p depends on its own z only, so the Jacobian is diagonal, and a vector holds all of it.
s = p * (1 - p)

# %% The Hessian
# Entry j of the gradient is
#
#     g_j = sum over i of X_ij * (p_i - y_i) / N  +  lam * w_j
#
# In the sum, only p_i changes with w_k, by s_i * X_ik. So
#
#     H_jk = sum over i of X_ij * s_i * X_ik / N  +  (lam if j is k, else 0)
#
# A weight s_i for each row of X, and two products. Multiplying the columns of X.T by s does what a diagonal matrix in
# the middle would do, without making one. The labels are gone: how curved the loss is does not depend on them.
H = (X.T * s) @ X / N + lam * np.eye(D)

# %% The step
# The gradient after a step is about g + H @ step. It is zero for
step = -np.linalg.solve(H, g)

print(f"J = {J:.6f}, step = {step}")


# %% Check 1: nudge every weight
# The gradient by nudging the loss, the Hessian by nudging the gradient.
def gradient(weights):
    return X.T @ (1 / (1 + np.exp(-X @ weights)) - y) / N + lam * weights


def loss(weights):
    q = 1 / (1 + np.exp(-X @ weights))
    return -np.mean(y * np.log(q) + (1 - y) * np.log(1 - q)) + lam / 2 * np.sum(weights**2)


tiny = 1e-5
for k, direction in enumerate(tiny * np.eye(D)):
    assert np.isclose((loss(w + direction) - loss(w - direction)) / (2 * tiny), g[k])
    assert np.allclose((gradient(w + direction) - gradient(w - direction)) / (2 * tiny), H[:, k])
print("By hand and by nudging: the same.")

# %% Check 2: what the step is good for
# After a few steps the gradient is zero to the last digit. (The new names leave the derivation above as it is.)
now = w.copy()
for _ in range(6):
    q = 1 / (1 + np.exp(-X @ now))
    slope = X.T @ (q - y) / N + lam * now
    now -= np.linalg.solve((X.T * (q * (1 - q))) @ X / N + lam * np.eye(D), slope)
assert np.abs(gradient(now)).max() < 1e-12
