# exercise: hinge-loss
# The margin itself where its slope belongs, and half of the penalty's gradient.
# #> loss missing #> dright carried by ddiff #> dscores carried by ddiff #> db carried by ddiff #> dX carried by ddiff

import numpy as np

X = np.random.randn(5, 4)
W = np.random.randn(4, 3) * 0.5
b = np.random.randn(3) * 0.3
y = np.array([0, 1, 2, 0, 1])
lam = 0.1


def backward(X, W, b, y):
    n = len(X)
    hot = np.eye(3)[y]
    scores = X @ W + b
    right = (scores * hot).sum(axis=1)
    diff = scores - right[:, None] + 1
    margins = np.maximum(diff, 0) * (1 - hot)
    dmargins = np.full(margins.shape, 1 / n)
    ddiff = dmargins * margins  #> ddiff wrong, first; code hinge-itself-for-its-slope; put (margins > 0)
    dright = -ddiff.sum(axis=1)
    dscores = ddiff + hot * dright[:, None]
    dW = X.T @ dscores + lam * W  #> dW wrong; put 2 * lam
    return dict(dmargins=dmargins, ddiff=ddiff, dright=dright, dscores=dscores, dW=dW, db=dscores.sum(0), dX=dscores @ W.T)


grads = backward(X, W, b, y)
