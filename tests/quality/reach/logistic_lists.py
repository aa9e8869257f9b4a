# exercise: logistic-regression
import math

X = [[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9]]
w = [0.8, -0.6, 0.3]
b = 0.2
y = [1, 0, 1, 0, 0]
N = len(y)
D = len(w)

z = [sum(xi * wi for xi, wi in zip(row, w)) + b for row in X]
p = [1 / (1 + math.exp(-s)) for s in z]
nll = [-(t * math.log(q) + (1 - t) * math.log(1 - q)) for t, q in zip(y, p)]
loss = sum(nll) / N

dnll = [1 / N for _ in range(N)]
dp = [d * (-t / q + (1 - t) / (1 - q)) for d, t, q in zip(dnll, y, p)]
dz = [d * q * (1 - q) for d, q in zip(dp, p)]
dw = [sum(dz[n] * X[n][j] for n in range(N)) for j in range(D)]
db = sum(dz)
