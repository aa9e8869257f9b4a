# exercise: hinge-loss
import numpy as np
rng = np.random.default_rng(11)
X = rng.normal(size=(5, 4)); W = rng.normal(size=(4, 3)); b = rng.normal(size=3); y = np.array([0, 2, 1, 2, 0]); lam = 0.1
scores = X @ W + b
right = scores[np.arange(5), y]
diff = scores - right[:, np.newaxis] + 1
is_right = np.arange(3)[None, :] == y[:, None]
margins = np.where(is_right, 0.0, np.where(diff > 0, diff, 0.0))
loss = margins.sum() / 5 + lam * (W * W).sum()
hinge_slope = np.vectorize(lambda d, r: 0.0 if r or d <= 0 else 1.0)
dmargins = np.full_like(margins, 0.2)
ddiff = dmargins * hinge_slope(diff, is_right)
dright = -ddiff.sum(axis=1)
dscores = np.where(is_right, dright[:, None], ddiff)
dW = X.T @ dscores + 2 * lam * W
db = dscores.sum(axis=0)
dX = dscores @ W.T
