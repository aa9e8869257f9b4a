# 430. Hessian by products with unit vectors
# exercise: logistic-hessian
# earns: nothing
# why: each derivative of both orders is multiplied
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
import torch
def loss(wt):
    zt = torch.tensor(X) @ wt
    yt = torch.tensor(y)
    return (torch.nn.functional.softplus(zt) - yt * zt).mean() + lam / 2 * (wt**2).sum()
H = np.stack([torch.autograd.functional.hvp(loss, torch.tensor(w), v)[1].numpy() for v in torch.eye(3, dtype=torch.float64)])
