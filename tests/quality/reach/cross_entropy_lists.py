# exercise: softmax-cross-entropy
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(5, 4))
W = rng.uniform(-1, 1, size=(4, 3))
b = rng.uniform(-1, 1, size=3)
y = rng.integers(0, 3, size=5)
n, K = x.shape[0], W.shape[1]
logits = x @ W + b
logit_maxes = np.array([[max(row)] for row in logits])
norm_logits = logits - logit_maxes
counts = np.exp(norm_logits)
counts_sum = np.array([[sum(row)] for row in counts])
counts_sum_inv = 1 / counts_sum
probs = counts * counts_sum_inv
logprobs = np.log(probs)
loss = -sum(logprobs[i, y[i]] for i in range(n)) / n

dlogprobs = np.zeros((n, K))
for i in range(n):
    dlogprobs[i, y[i]] = -1 / n
dprobs = np.array([[g / p for g, p in zip(gs, ps)] for gs, ps in zip(dlogprobs, probs)])
dcounts_sum_inv = np.array([[sum(dprobs[i, k] * counts[i, k] for k in range(K))] for i in range(n)])
dcounts_sum = np.array([[-dcounts_sum_inv[i, 0] / counts_sum[i, 0] ** 2] for i in range(n)])
dcounts = np.zeros((n, K))
for i in range(n):
    for k in range(K):
        dcounts[i, k] += dprobs[i, k] * counts_sum_inv[i, 0]
        dcounts[i, k] += dcounts_sum[i, 0]
dnorm_logits = np.array([c * d for c, d in zip(counts, dcounts)])
dlogit_maxes = np.array([[-sum(row)] for row in dnorm_logits])
dlogits = dnorm_logits.copy()
for i in range(n):
    dlogits[i, np.argmax(logits[i])] += dlogit_maxes[i, 0]
dW = np.zeros_like(W)
for i in range(n):
    for j in range(len(W)):
        dW[j] += x[i, j] * dlogits[i]
db = np.array([sum(dlogits[:, k]) for k in range(K)])
dx = np.array([[sum(dlogits[i, k] * W[j, k] for k in range(K)) for j in range(4)] for i in range(n)])
