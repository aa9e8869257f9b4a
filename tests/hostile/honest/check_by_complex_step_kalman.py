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
dJ = (Pp @ H.T).T @ dK
dS = -J.T @ dJ @ J.T
dr = np.diag(dS)
dPp = dK @ (H.T @ J).T + H.T @ dS @ H
dmp = dmean - H.T @ dv
dq = np.diag(dPp)
dA = np.outer(dmp, m) + dPp @ A @ P.T + dPp.T @ A @ P
dm = A.T @ dmp
print(f"loss = {loss:.6f}")
print(dA)
def f(Q):
    KK = Q @ H.T @ np.linalg.inv(H @ Q @ H.T + np.diag(r))
    return ((mp + KK @ v - state)**2).sum() / 2
for i in range(3):
    E_ = np.zeros((3, 3), complex); E_[i, i] = 1e-30j
    assert abs(f(Pp + E_).imag / 1e-30 - dq[i]) < 1e-10
