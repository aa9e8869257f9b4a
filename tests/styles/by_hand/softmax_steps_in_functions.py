# exercise: softmax-cross-entropy
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(5, 4))
W = rng.uniform(-1, 1, size=(4, 3))
b = rng.uniform(-1, 1, size=3)
y = rng.integers(0, 3, size=5)


def rowsum(a):
    return a.sum(axis=1, keepdims=True)


n = x.shape[0]
logits = x @ W + b
logit_maxes = logits.max(axis=1, keepdims=True)
norm_logits = logits - logit_maxes
counts = np.exp(norm_logits)
counts_sum = rowsum(counts)
counts_sum_inv = 1 / counts_sum
probs = counts * counts_sum_inv
logprobs = np.log(probs)
loss = -np.mean([logprobs[i, t] for i, t in enumerate(y)])

dlogprobs = np.zeros((n, 3))
for i, t in enumerate(y):
    dlogprobs[i, t] = -1.0 / n
dprobs = dlogprobs / probs
dcounts_sum_inv = rowsum(dprobs * counts)
dcounts_sum = -dcounts_sum_inv / counts_sum**2
dcounts = dprobs * counts_sum_inv
dcounts += dcounts_sum
dnorm_logits = dcounts * counts
dlogit_maxes = -rowsum(dnorm_logits)
dlogits = dnorm_logits.copy()
for i in range(n):
    dlogits[i, np.argmax(logits[i])] += dlogit_maxes[i, 0]
dW = x.T @ dlogits
db = dlogits.sum(axis=0)
dx = dlogits @ W.T
