# exercise: hinge-loss
# In the loop, the right class was not given its part.
# #> right missing #> diff missing #> ddiff missing #> dright missing

import numpy as np

X = np.random.randn(5, 4)
W = np.random.randn(4, 3) * 0.5
b = np.random.randn(3) * 0.3
y = np.array([0, 1, 2, 0, 1])
lam = 0.1

n, d = X.shape
scores = X @ W + b
margins = np.zeros(scores.shape)
dmargins = np.full(scores.shape, 1 / n)
dscores = np.zeros(scores.shape)
for i in range(n):
    for j in range(3):
        if j == y[i]:
            continue
        margins[i, j] = max(0, scores[i, j] - scores[i, y[i]] + 1)
        if margins[i, j] > 0:
            dscores[i, j] += dmargins[i, j]  #> dscores wrong, first; code right-class-left-out
loss = margins.sum() / n + lam * (W**2).sum()
dW = X.T @ dscores + 2 * lam * W  #> dW carried by dscores
db = dscores.sum(axis=0)  #> db carried by dscores
dX = dscores @ W.T  #> dX carried by dscores
