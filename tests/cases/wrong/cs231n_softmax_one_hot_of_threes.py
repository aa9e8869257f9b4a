# exercise: cs231n-softmax
# The local that is to be one-hot is not.

import numpy as np


def softmax_loss(x, y):
    n = x.shape[0]
    right = (np.arange(n), y)
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_p[right].mean()
    said = np.exp(log_p)
    should_have_said = np.zeros_like(x)
    should_have_said[right] = 3  #> dx wrong value, first
    dx = (said - should_have_said) / n
    return loss, dx
