# exercise: hinge-loss
# The penalty is derived as its own square.
import numpy as np

rng = np.random.default_rng(2)
X = rng.normal(size=(5, 4))
W = rng.uniform(-0.7, 0.7, (4, 3))
b = rng.uniform(-0.5, 0.5, 3)
y = np.array([0, 2, 1, 2, 0])
lam = 0.1
N, C = 5, 3

scores = X @ W + b
right = scores[np.arange(N), y]
diff = scores - right[:, None] + 1
margins = np.maximum(0, diff)
margins[np.arange(N), y] = 0
loss = margins.sum() / N + lam * (W ** 2).sum()

dmargins = np.ones((N, C)) / N
ddiff = np.zeros((N, C))
for i in range(N):
    for j in range(C):
        if j == y[i]:
            continue
        if diff[i, j] > 0:
            ddiff[i, j] = dmargins[i, j]
dright = -ddiff.sum(axis=1)
dscores = ddiff.copy()
dscores[np.arange(N), y] += dright
dW = X.T @ dscores + lam * W ** 2  #> dW wrong, first; put 2 * W
db = dscores.sum(axis=0)
dX = dscores @ W.T
