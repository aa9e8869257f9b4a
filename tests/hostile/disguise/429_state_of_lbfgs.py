# 429. Gradient read from the state of LBFGS
# exercise: logistic-hessian
# earns: nothing
# why: what autograd gave is multiplied wherever it is kept
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
wt = torch.nn.Parameter(torch.tensor(w))
def closure():
    opt.zero_grad()
    zt = torch.tensor(X) @ wt
    yt = torch.tensor(y)
    out = (torch.nn.functional.softplus(zt) - yt * zt).mean() + lam / 2 * (wt**2).sum()
    out.backward()
    return out
opt = torch.optim.LBFGS([wt], max_iter=1)
opt.step(closure)
g = opt.state[wt]["prev_flat_grad"].numpy()
