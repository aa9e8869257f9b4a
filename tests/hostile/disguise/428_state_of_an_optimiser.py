# 428. Gradients read from the state of an optimiser
# exercise: kalman-step
# earns: nothing
# why: what autograd gave is multiplied wherever it is kept
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
mp = A @ m
Pp = A @ P @ A.T + np.diag(q)
v = y - H @ mp
S = H @ Pp @ H.T + np.diag(r)
J = np.linalg.inv(S)
K = Pp @ H.T @ J
mean = mp + K @ v
loss = ((mean - state) ** 2).sum() / 2
import torch
t = torch.tensor
At = torch.nn.Parameter(t(A))
qt = torch.nn.Parameter(t(q))
rt = torch.nn.Parameter(t(r))
mt = torch.nn.Parameter(t(m))
Ppt = At @ t(P) @ At.T + torch.diag(qt)
Kt = Ppt @ t(H).T @ torch.linalg.inv(t(H) @ Ppt @ t(H).T + torch.diag(rt))
out = At @ mt + Kt @ (t(y) - t(H) @ (At @ mt))
opt = torch.optim.SGD([At, qt, rt, mt], lr=1.0, momentum=0.9)
(0.5 * ((out - t(state))**2).sum()).backward()
opt.step()
dA, dq, dr, dm = [opt.state[one]["momentum_buffer"].numpy() for one in (At, qt, rt, mt)]
