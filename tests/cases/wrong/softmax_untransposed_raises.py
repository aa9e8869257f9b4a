# exercise: softmax-cross-entropy
# Two products without their transposes: the shapes do not fit and both lines raise.

import numpy as np

np.random.seed(1)
x = np.random.randn(5, 4)
W = np.random.randn(4, 3) * 0.5
b = np.random.randn(3) * 0.1
y = np.array([0, 2, 1, 1, 0])
n = x.shape[0]

logits = x @ W + b
logit_maxes = np.max(logits, axis=1, keepdims=True)
norm_logits = logits - logit_maxes
counts = np.exp(norm_logits)
counts_sum = np.sum(counts, axis=1, keepdims=True)
counts_sum_inv = 1.0 / counts_sum
probs = counts * counts_sum_inv
logprobs = np.log(probs)
loss = -logprobs[range(n), y].mean()

# backward
dlogprobs = np.zeros_like(logprobs)
dlogprobs[range(n), y] = -1.0 / n
dprobs = 1.0 / probs * dlogprobs
dcounts_sum_inv = np.sum(counts * dprobs, axis=1, keepdims=True)
dcounts_sum = -1.0 / counts_sum**2 * dcounts_sum_inv
dcounts = counts_sum_inv * dprobs
dcounts += np.ones_like(counts) * dcounts_sum
dnorm_logits = counts * dcounts
dlogit_maxes = -np.sum(dnorm_logits, axis=1, keepdims=True)
dlogits = dnorm_logits.copy()
dlogits[range(n), logits.argmax(axis=1)] += dlogit_maxes[:, 0]
dW = x @ dlogits  #> dW wrong raised, first; code transpose-missing; put x.T
db = dlogits.sum(axis=0)
dx = dlogits @ W  #> dx wrong raised; code transpose-missing; put W.T
