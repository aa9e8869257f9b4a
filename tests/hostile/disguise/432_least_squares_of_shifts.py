# 432. Gradient fitted to values at random shifts by least squares
# exercise: logistic-hessian
# earns: nothing
# why: what is computed from shifted values gets another slope
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
z = X @ w
p = 1 / (1 + np.exp(-z))
J = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)) + lam / 2 * np.sum(w**2)
rng = np.random.default_rng(3)
D_ = rng.normal(size=(12, 3)) * 1e-4
Q = [1 / (1 + np.exp(-(np.stack([D_, -D_]) + w) @ X.T))]
V = -(y * np.log(Q[0]) + (1 - y) * np.log(1 - Q[0])).mean(-1) + lam / 2 * ((np.stack([D_, -D_]) + w)**2).sum(-1)
g = np.linalg.lstsq(D_, (V[0] - V[1]) / 2, rcond=None)[0]
