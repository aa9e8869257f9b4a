# exercise: cs231n-softmax
# The line that takes 1 from the right class does nothing.

import numpy as np


def softmax_loss(x, y):
    N = x.shape[0]
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    probs = e / np.sum(e, axis=1, keepdims=True)
    loss = -np.sum(np.log(probs[np.arange(N), y])) / N
    dx = probs.copy()
    dx[np.arange(N), y] - 1  #> dx wrong value, first
    dx /= N
    return loss, dx
