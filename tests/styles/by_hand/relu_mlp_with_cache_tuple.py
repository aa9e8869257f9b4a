# exercise: relu-mlp
import numpy as np
X = np.array([[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]])
W1 = np.array([[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.2, -0.1])
W2 = np.array([[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]])
b2 = np.array([0.3, -0.4])
Y = np.array([[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]])

def forward(X, W1, b1, W2, b2):
    Z1 = X.dot(W1) + b1
    H = Z1.clip(min=0)
    return H.dot(W2) + b2, (Z1, H)
def backward(dO, cache, *, X, W2):
    Z1, H = cache
    dW2, db2, dH = H.T.dot(dO), dO.sum(0), dO.dot(W2.T)
    mask = (Z1 > 0).astype(float)
    dZ1 = dH * mask
    return dict(dW2=dW2, db2=db2, dH=dH, mask=mask, dZ1=dZ1, dW1=X.T.dot(dZ1), db1=dZ1.sum(0))
O, cache = forward(X, W1, b1, W2, b2)
E = O - Y
dE = (2 / E.shape[0]) * E
dO = dE
grads = backward(dO, cache, X=X, W2=W2)
globals().update(grads)
