# exercise: cs231n-softmax
import numpy as np
def softmax_loss(x, y):
    N = len(x)
    p = np.exp(x - x.max(1, keepdims=True)); p /= p.sum(1, keepdims=True)
    loss = -np.log(p[range(N), y]).sum() / N
    dp = np.zeros_like(p)
    dp[range(N), y] = -1 / p[range(N), y] / N
    dx = np.zeros_like(x)
    for n in range(N):
        J = np.diag(p[n]) - np.outer(p[n], p[n])
        dx[n] = J @ dp[n]
    return loss, dx
