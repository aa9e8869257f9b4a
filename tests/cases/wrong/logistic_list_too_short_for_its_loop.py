# exercise: logistic-regression
import math
X = [[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9]]
w = [0.8, -0.6, 0.3]
b = 0.2
y = [1, 0, 1, 0, 0]
N = len(X)
z = []
for row in X:
    s = b
    for xj, wj in zip(row, w):
        s += xj * wj
    z.append(s)
p = [1 / (1 + math.exp(-v)) for v in z]
nll = [-(y[i] * math.log(p[i]) + (1 - y[i]) * math.log(1 - p[i])) for i in range(N)]
loss = sum(nll) / N
dnll = [1 / N] * N
dp = [0.0] * N
dz = [0.0] * N
dw = [0.0] * 2  #> dw wrong raised, first
db = 0.0
for i in range(N):
    dp[i] = dnll[i] * (-y[i] / p[i] + (1 - y[i]) / (1 - p[i]))
    dz[i] = dp[i] * p[i] * (1 - p[i])
    for j in range(3):
        dw[j] += dz[i] * X[i][j]
    db += dz[i]
