# exercise: kalman-step
import numpy as np
np.random.seed(1)
m = np.random.randn(3); B = np.random.randn(3, 3); P = B @ B.T; A = np.random.uniform(-1, 1, (3, 3)); q = np.random.uniform(.2, .8, 3)
H = np.random.uniform(-1, 1, (2, 3)); r = np.random.uniform(.3, .9, 2); y = np.random.randn(2); state = np.random.randn(3)
# predict
mp = A.dot(m)
Pp = np.linalg.multi_dot([A, P, A.T]) + np.diag(q)
# update
v = y - H.dot(mp)
S = np.linalg.multi_dot([H, Pp, H.T]) + np.diag(r)
J = np.linalg.inv(S)
K = np.linalg.multi_dot([Pp, H.T, J])
mean = mp + K.dot(v)
loss = .5 * np.linalg.norm(mean - state) ** 2
# backward
dmean = mean - state
dK = np.multiply.outer(dmean, v)
dv = dmean.dot(K)
dJ = np.linalg.multi_dot([H, Pp.T, dK])
dS = -np.linalg.multi_dot([J.T, dJ, J.T])
dr = dS.diagonal().copy()
dPp = np.linalg.multi_dot([H.T, dS, H])
dPp = dPp + np.linalg.multi_dot([dK, J.T, H])
dmp = dmean - dv.dot(H)
dq = dPp.diagonal()
dA = np.outer(dmp, m) + np.linalg.multi_dot([dPp, A, P.T]) + np.linalg.multi_dot([dPp.T, A, P])
dm = dmp.dot(A)
