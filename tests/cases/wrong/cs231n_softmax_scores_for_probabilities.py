# exercise: cs231n-softmax
# The probabilities are taken for their logarithms where they are given their name.

import numpy as np


def softmax_loss(x, y):
    n = x.shape[0]
    right = (np.arange(n), y)
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_p[right].mean()
    said = log_p  #> dx wrong value, first
    should_have_said = np.zeros_like(x)
    should_have_said[right] = 1
    dx = (said - should_have_said) / n
    return loss, dx
