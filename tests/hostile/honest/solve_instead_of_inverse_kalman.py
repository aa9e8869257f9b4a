# exercise: kalman-step
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
dmean = mean - state
dK = np.outer(dmean, v)
dv = K.T @ dmean
dJ = H @ Pp.T @ dK
dS = -np.linalg.solve(S.T, dJ) @ J.T
dr = np.diag(dS)
dPp = np.linalg.solve(S, H @ dK.T).T @ np.eye(3) if False else dK @ J.T @ H + H.T @ dS @ H
dmp = dmean - H.T @ dv
dq = np.diag(dPp)
dA = np.outer(dmp, m) + (dPp + dPp.T) @ A @ P
dm = A.T @ dmp
