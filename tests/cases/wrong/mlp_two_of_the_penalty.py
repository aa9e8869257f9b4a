# exercise: tanh-mlp
# The factor 1/2 of the penalty is overlooked in one layer, and the other layer's weights are decayed in the other.

import numpy as np

rng = np.random.default_rng(1)
X = rng.normal(size=(5, 3))
y = np.array([0, 1, 1, 0, 1])
W1, b1 = rng.normal(size=(3, 4)), np.zeros(4)
W2, b2 = rng.normal(size=(4, 2)), np.zeros(2)
reg = 0.1


def loss_and_grads(X, y, W1, b1, W2, b2, reg):
    N = X.shape[0]
    Z = X.dot(W1) + b1
    H = np.tanh(Z)
    logits = H.dot(W2) + b2
    shifted = logits - logits.max(axis=1, keepdims=True)
    P = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    nll = -np.log(P[np.arange(N), y]).sum() / N
    decay = 0.5 * reg * ((W1 * W1).sum() + (W2 * W2).sum())
    loss = nll + decay

    grads = {}
    dlogits = P.copy()
    dlogits[np.arange(N), y] -= 1
    dlogits /= N
    grads["W2"] = H.T.dot(dlogits) + 2 * reg * W2  #> dW2 wrong, first
    grads["b2"] = dlogits.sum(axis=0)
    dH = dlogits.dot(W2.T)
    dZ = dH * (1 - H * H)
    grads["W1"] = X.T.dot(dZ)  #> dW1 wrong
    grads["b1"] = dZ.sum(axis=0)
    dX = dZ.dot(W1.T)
    return loss, grads


loss, grads = loss_and_grads(X, y, W1, b1, W2, b2, reg)
