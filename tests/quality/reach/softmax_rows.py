# exercise: softmax-cross-entropy
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(5, 4))
W = rng.uniform(-1, 1, size=(4, 3))
b = rng.uniform(-1, 1, size=3)
y = rng.integers(0, 3, size=5)

N, K = x.shape[0], W.shape[1]
logits = x @ W + b
logit_maxes = np.amax(logits, axis=1, keepdims=True)
norm_logits = logits - logit_maxes
counts = np.exp(norm_logits)
counts_sum = counts.sum(axis=1, keepdims=True)
counts_sum_inv = counts_sum**-1
probs = counts * counts_sum_inv
logprobs = np.log(probs)
loss = -sum(logprobs[i, y[i]] for i in range(N)) / N

dlogprobs = np.array([[-1 / N if k == y[i] else 0.0 for k in range(K)] for i in range(N)])
dprobs = np.array([[d / q for d, q in zip(drow, row)] for drow, row in zip(dlogprobs, probs)])
dcounts_sum_inv = np.array([[np.dot(counts[i], dprobs[i])] for i in range(N)])
dcounts_sum = np.array([-d / s**2 for d, s in zip(dcounts_sum_inv, counts_sum)])
dcounts = np.stack([counts_sum_inv[i] * dprobs[i] + dcounts_sum[i] for i in range(N)])
dnorm_logits = np.multiply(counts, dcounts)
dlogit_maxes = -np.sum(dnorm_logits, axis=1, keepdims=True)
dlogits = dnorm_logits.copy()
for i in range(N):
    dlogits[i, np.argmax(logits[i])] += dlogit_maxes[i, 0]
dW = sum(np.outer(x[i], dlogits[i]) for i in range(N))
db = np.array([sum(dlogits[i][k] for i in range(N)) for k in range(K)])
dx = np.vstack([np.inner(W, row) for row in dlogits])
