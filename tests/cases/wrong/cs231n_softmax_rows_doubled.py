# exercise: cs231n-softmax
# Rows that are gathered in a list are twice what they are to be; a later line gathers the gradient.

import numpy as np


def softmax_loss(x, y):
    n = x.shape[0]
    right = (np.arange(n), y)
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_p[right].mean()
    said = []
    for k in range(n):
        said.append(2 * np.exp(log_p[k]))  #> dx wrong value, first
    said = np.array(said)
    should_have_said = np.zeros_like(x)
    should_have_said[right] = 1
    dx = []
    for k in range(n):
        dx.append((said[k] - should_have_said[k]) / n)
    dx = np.array(dx)
    return loss, dx
