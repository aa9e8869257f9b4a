# exercise: cs231n-softmax
import numpy as np
def softmax_loss(x, y):
    loss, rows = 0.0, []
    for scores, label in zip(x, y):
        p = np.exp(scores - np.max(scores))
        p = p / p.sum()
        loss -= np.log(p[label])
        p[label] -= 1
        rows.append(p)
    return loss / len(y), np.vstack(rows) / len(y)
