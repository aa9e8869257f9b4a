# exercise: cs231n-softmax
import numpy as np


def softmax_loss(x, y):
    N, C = x.shape
    loss = 0.0
    dx = np.zeros_like(x)
    for i in range(N):
        s = x[i] - np.max(x[i])
        p = np.exp(s) / np.sum(np.exp(s))
        loss += -np.log(p[y[i]])
        for j in range(C):
            if j == y[i]:
                dx[i, j] = p[j] - 1
            else:
                dx[i, j] = p[j]
    loss /= N
    dx /= N
    return loss, dx
