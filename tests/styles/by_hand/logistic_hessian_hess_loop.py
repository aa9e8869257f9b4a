# exercise: logistic-hessian
import numpy as np
X = [[.5, -1.2, .8], [1.5, .3, -.7], [-.6, .9, 1.1], [-1.4, -.5, .4], [.7, 1.3, -.9], [-.3, .6, -1.6]]
w = [.8, -.6, .3]; y = [1, 0, 1, 0, 0, 1]; lam = .1
N, D = len(X), len(w)
z = [sum(X[i][j] * w[j] for j in range(D)) for i in range(N)]
p = [1 / (1 + np.exp(-zi)) for zi in z]
J = -sum(yi * np.log(pi) + (1 - yi) * np.log(1 - pi) for yi, pi in zip(y, p)) / N + lam / 2 * sum(wj**2 for wj in w)
dz = [(pi - yi) / N for pi, yi in zip(p, y)]
g = [lam * wj for wj in w]
for i in range(N):
    for j in range(D):
        g[j] += dz[i] * X[i][j]
s = [pi * (1 - pi) for pi in p]
H = [[lam if j == k else 0.0 for k in range(D)] for j in range(D)]
for i in range(N):
    for j in range(D):
        for k in range(D):
            H[j][k] += s[i] * X[i][j] * X[i][k] / N
step = -np.linalg.inv(np.array(H)) @ np.array(g)
