# exercise: tanh-mlp
import numpy as np
def softmax(a):
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
def model(X, y, W1, b1, W2, b2, reg):
    Z = X.dot(W1) + b1
    H = np.tanh(Z)
    logits = H.dot(W2) + b2
    P = softmax(logits)
    nll = -np.log(P[np.arange(len(y)), y]).mean()
    decay = reg / 2 * (np.sum(W1 * W1) + np.sum(W2 * W2))
    loss = nll + decay
    grads = {}
    dlogits = P.copy()
    dlogits[np.arange(len(y)), y] -= 1
    dlogits /= len(y)
    grads["W2"] = H.T.dot(dlogits) + reg * W2
    grads["b2"] = dlogits.sum(axis=0)
    dH = dlogits.dot(W2.T)
    dZ = dH * (1 - H**2)
    grads["W1"] = X.dot(dZ) + reg * W1  #> dW1 wrong raised, first
    grads["b1"] = dZ.sum(axis=0)
    dX = dZ.dot(W1.T)
    return loss, grads, dlogits, dH, dZ, dX
np.random.seed(0)
X = np.random.randn(5, 3); y = np.random.randint(2, size=5); W1 = np.random.randn(3, 4); b1 = np.zeros(4); W2 = np.random.randn(4, 2); b2 = np.zeros(2); reg = 0.1
loss, grads, dlogits, dH, dZ, dX = model(X, y, W1, b1, W2, b2, reg)
