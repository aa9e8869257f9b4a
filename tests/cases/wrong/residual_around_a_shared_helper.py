# exercise: residual
# The helper is right for the other layer; what x sends past the first one is left out where its result is taken.
import numpy as np

x, w1, w2, dy = np.random.randn(4, 3), np.random.randn(3, 3), np.random.randn(3, 3), np.random.randn(4, 3)
h = x @ w1 + x
y = h @ w2
L = np.sum(dy * y)


def linear_backward(d, a, w):
    return d @ w.T, a.T @ d


dh, dw2 = linear_backward(dy, h, w2)
dx, dw1 = linear_backward(dh, x, w1)  #> dx wrong, first
