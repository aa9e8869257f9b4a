# exercise: cs231n-softmax
import numpy as np
def softmax_loss(x, y):
    N, C = x.shape
    z = x - np.amax(x, axis=-1)[:, np.newaxis]
    Z = np.exp(z).sum(-1, keepdims=True)
    logp = z - np.log(Z)
    loss = -sum(logp[n, k] for n, k in enumerate(y)) / N
    target = np.eye(C)[y]
    dx = (np.exp(logp) - target) / N
    return loss, dx
