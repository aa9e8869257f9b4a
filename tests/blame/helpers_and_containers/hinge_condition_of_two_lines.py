# exercise: hinge-loss
import numpy as np
rs = np.random.RandomState(1)
X, W, b = rs.randn(5, 4), rs.uniform(-.7, .7, (4, 3)), rs.uniform(-.5, .5, 3)
y = np.array([0, 2, 1, 2, 0])
lam = 0.1
scores = X @ W + b
right = scores[np.arange(5), y]
diff = scores - right[:, None] + 1
margins = np.maximum(0, diff)
margins[np.arange(5), y] = 0
loss = margins.sum() / 5 + lam * (W**2).sum()
ddiff = (margins > 0) / 5
dright = -ddiff.sum(1)


def grads(X, W, b, y, lam):
    n = len(X)
    dscores = np.zeros((n, 3))
    dmargins = np.full((n, 3), 1 / n)
    for i in range(n):
        s = X[i] @ W + b
        for j in range(3):
            if j != y[i] and s[j] - s[y[i]] > 0:  #> guilty
                dscores[i, j] += dmargins[i, j]
                dscores[i, y[i]] -= dmargins[i, j]
    dW = X.T @ dscores + 2 * lam * W
    return dict(dmargins=dmargins, dscores=dscores, dW=dW, db=dscores.sum(0), dX=dscores @ W.T)


g = grads(X, W, b, y, lam)
