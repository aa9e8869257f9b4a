# exercise: softmax-cross-entropy
import numpy as np

np.random.seed(4)
x, W, b, y = np.random.randn(5, 4), np.random.rand(4, 3), np.random.rand(3), np.random.randint(0, 3, 5)
N, C = 5, 3
logits = np.zeros((N, C))
logit_maxes = np.zeros((N, 1))
norm_logits = np.zeros((N, C))
counts = np.zeros((N, C))
counts_sum = np.zeros((N, 1))
counts_sum_inv = np.zeros((N, 1))
probs = np.zeros((N, C))
logprobs = np.zeros((N, C))
loss = 0
for i in range(N):
    logits[i] = x[i] @ W + b
    logit_maxes[i, 0] = logits[i].max()
    norm_logits[i] = logits[i] - logit_maxes[i, 0]
    counts[i] = np.exp(norm_logits[i])
    counts_sum[i, 0] = counts[i].sum()
    counts_sum_inv[i, 0] = 1 / counts_sum[i, 0]
    probs[i] = counts[i] * counts_sum_inv[i, 0]
    logprobs[i] = np.log(probs[i])
    loss -= logprobs[i, y[i]] / N
dlogprobs = np.zeros((N, C))
dprobs = np.zeros((N, C))
dcounts_sum_inv = np.zeros((N, 1))
dcounts_sum = np.zeros((N, 1))
dcounts = np.zeros((N, C))
dnorm_logits = np.zeros((N, C))
dlogit_maxes = np.zeros((N, 1))
dlogits = np.zeros((N, C))
dW = np.zeros_like(W)
db = np.zeros_like(b)
dx = np.zeros_like(x)
for i in range(N):
    dlogprobs[i, y[i]] = -1 / N
    for j in range(C):
        dprobs[i, j] = dlogprobs[i, j] / probs[i, j]
        dcounts_sum_inv[i, 0] += dprobs[i, j] * counts[i, j]
    dcounts_sum[i, 0] = -dcounts_sum_inv[i, 0] / counts_sum[i, 0] ** 2
    for j in range(C):
        dcounts[i, j] = dprobs[i, j] * counts_sum_inv[i, 0] + dcounts_sum[i, 0]
        dnorm_logits[i, j] = dcounts[i, j] * counts[i, j]
        dlogit_maxes[i, 0] -= dnorm_logits[i, j]
        dlogits[i, j] += dnorm_logits[i, j]
    dlogits[i, logits[i].argmax()] += dlogit_maxes[i, 0]
    dx[i] = W @ dlogits[i]
    dW += np.outer(x[i], dlogits[i])
    db += dlogits[i]
