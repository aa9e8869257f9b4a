# exercise: cs231n-softmax
# The loss is a mean over the examples, its gradient is that of the sum.

import numpy as np


def softmax_loss(x, y):
    num = len(x)
    scores = x - x.max(axis=1)[:, None]
    log_z = np.log(np.exp(scores).sum(axis=1))
    loss = (log_z - scores[range(num), y]).mean()
    dx = np.exp(scores - log_z[:, None])
    dx[range(num), y] -= 1  #> dx wrong value, first
    return loss, dx
