# exercise: hinge-loss
import numpy as np
rng = np.random.default_rng(1)
X = rng.normal(size=(5, 4)); W = rng.normal(size=(4, 3)); b = rng.normal(size=3); y = np.array([0, 2, 1, 2, 0]); lam = .1
scores = X @ W + b
right = scores[np.arange(5), y]
diff = np.zeros((5, 3)); margins = np.zeros((5, 3))
for i in range(5):
    for j in range(3):
        diff[i, j] = scores[i, j] - right[i] + 1
        if j != y[i] and diff[i, j] > 0:
            margins[i, j] = diff[i, j]
loss = margins.sum() / 5 + lam * (W**2).sum()
dmargins = np.ones((5, 3)) / 5
ddiff = np.zeros((5, 3)); dright = np.zeros(5); dscores = np.zeros((5, 3))
for i in range(5):
    for j in range(3):
        if j == y[i]:
            continue
        if diff[i, j] > 0:
            ddiff[i, j] = dmargins[i, j]
            dscores[i, j] += ddiff[i, j]
            dright[i] -= ddiff[i, j]
    dscores[i, y[i]] += dright[i]
dW = X.T @ dscores + 2 * lam * W
db = dscores.sum(0)
dX = dscores @ W.T
