# exercise: kalman-step
# The derivative of the inverse lost its minus, and the dynamics their second place in the covariance.
# #> dr carried by dS #> dPp carried by dS #> dq carried by dS

import numpy as np

rng = np.random.default_rng(3)
m = rng.normal(size=3)
B = rng.normal(size=(3, 3))
P = B @ B.T
A = rng.uniform(-1, 1, (3, 3))
q = rng.uniform(0.2, 0.8, 3)
H = rng.uniform(-1, 1, (2, 3))
r = rng.uniform(0.3, 0.9, 2)
y = rng.normal(size=2)
state = rng.normal(size=3)

mp = A.dot(m)
Pp = A.dot(P).dot(A.T) + np.diag(q)
v = y - H.dot(mp)
S = H.dot(Pp).dot(H.T) + np.diag(r)
J = np.linalg.inv(S)
K = Pp.dot(H.T).dot(J)
mean = mp + K.dot(v)
loss = 0.5 * np.sum((mean - state) ** 2)

dmean = mean - state
dK = np.zeros((3, 2))
dv = np.zeros(2)
for i in range(3):
    for j in range(2):
        dK[i, j] = dmean[i] * v[j]
        dv[j] += K[i, j] * dmean[i]
dJ = np.linalg.multi_dot([H, Pp.T, dK])
dS = J.T.dot(dJ).dot(J.T)  #> dS wrong, first; code sign-flipped
dr = np.array([dS[i, i] for i in range(2)])
dPp = dK.dot(J.T).dot(H)
dPp += H.T.dot(dS).dot(H)
dmp = dmean.copy()
dmp -= H.T.dot(dv)
dq = np.array([dPp[i, i] for i in range(3)])
dA = np.outer(dmp, m)
dA += dPp.dot(A).dot(P.T)  #> dA wrong; put dPp.dot(A).dot(P.T) + dPp.T.dot(A.dot(P))
dm = A.T.dot(dmp)
