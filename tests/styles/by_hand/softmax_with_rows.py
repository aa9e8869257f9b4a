# exercise: cs231n-softmax
import numpy as np
def one(row, label):
    e = np.exp(row - row.max())
    p = e / e.sum()
    g = p.copy()
    g[label] -= 1
    return -np.log(p[label]), g
def softmax_loss(x, y):
    pairs = [one(r, k) for r, k in zip(x, y)]
    losses, grads = zip(*pairs)
    return np.mean(losses), np.stack(grads) / len(y)
