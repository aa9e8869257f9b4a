# exercise: logistic-hessian
import numpy as np

X = np.random.default_rng(0).normal(size=(6, 3))
w = np.array([0.8, -0.6, 0.3])
y = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 1.0])
lam = 0.1
N, D = X.shape
z = np.array([sum(X[i, j] * w[j] for j in range(D)) for i in range(N)])
p = 1 / (1 + np.exp(-z))
J = -sum(y[i] * np.log(p[i]) + (1 - y[i]) * np.log(1 - p[i]) for i in range(N)) / N + lam / 2 * sum(w**2)

dz = [(p[i] - y[i]) / N for i in range(N)]
g = np.zeros(D)
for j in range(D):
    g[j] = sum(X[i, j] * dz[i] for i in range(N)) + lam * w[j]
s = np.array([p_i * (1 - p_i) for p_i in p])
H = np.zeros((D, D))
for i in range(N):
    for j in range(D):
        for k in range(D):
            H[j, k] += s[i] * X[i, j] * X[i, k] / N
for j in range(D):
    H[j, j] += lam
step = np.linalg.solve(H, -g)
