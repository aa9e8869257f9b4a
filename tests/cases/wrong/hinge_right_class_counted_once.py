# exercise: hinge-loss
# The right class gets -1 once, as with the softmax, and not once for each margin that is positive.
# #> right missing #> diff missing #> ddiff missing #> dright missing

import numpy as np

X = np.random.randn(5, 4)
W = np.random.randn(4, 3) * 0.5
b = np.random.randn(3) * 0.3
y = np.array([0, 1, 2, 0, 1])
lam = 0.1

num = len(X)
scores = X.dot(W) + b
margins = np.maximum(0, scores - scores[np.arange(num), y].reshape(-1, 1) + 1)
margins[np.arange(num), y] = 0
loss = np.sum(margins) / num + lam * np.sum(W * W)

dmargins = np.ones((num, 3)) / num
dscores = np.zeros(scores.shape)
dscores[margins > 0] = 1
dscores[np.arange(num), y] -= 1  #> dscores wrong, first; code right-class-counted-once
dscores /= num
dW = X.T.dot(dscores) + 2 * lam * W  #> dW carried by dscores
db = np.sum(dscores, axis=0)  #> db carried by dscores
dX = dscores.dot(W.T)  #> dX carried by dscores
