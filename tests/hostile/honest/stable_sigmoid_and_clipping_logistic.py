# exercise: logistic-hessian
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
def sig(u):
    return np.where(u >= 0, 1 / (1 + np.exp(-np.abs(u))), np.exp(-np.abs(u)) / (1 + np.exp(-np.abs(u))))
q = np.clip(sig(z), 1e-12, 1 - 1e-12)
dz = (q - y) / N
g = X.T @ dz + lam * w
s = q * (1 - q)
H = X.T @ np.diag(s) @ X / N + lam * np.eye(D)
step = np.linalg.solve(H, -g)
