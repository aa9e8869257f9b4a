# exercise: softmax-cross-entropy
# The right numbers as (n,) and not (n, 1): the next line makes (n, n) of them, and the one after that raises.
# #> dcounts_sum carried by dcounts_sum_inv
# #> dnorm_logits carried by dcounts_sum_inv
# #> dlogit_maxes carried by dcounts_sum_inv
# #> dlogits carried by dcounts_sum_inv
# #> dW carried by dcounts_sum_inv
# #> db carried by dcounts_sum_inv
# #> dx carried by dcounts_sum_inv

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
dcounts_sum_inv = (counts * dprobs).sum(axis=1)  #> dcounts_sum_inv wrong shape, first; code axis-not-kept; put (counts * dprobs).sum(axis=1, keepdims=True)
dcounts_sum = -1.0 / counts_sum**2 * dcounts_sum_inv
dcounts = counts_sum_inv * dprobs
dcounts = dcounts + dcounts_sum  #> dcounts carried by dcounts_sum_inv
dnorm_logits = counts * dcounts
dlogit_maxes = -np.sum(dnorm_logits, axis=1, keepdims=True)
dlogits = dnorm_logits.copy()
dlogits[range(n), logits.argmax(axis=1)] += dlogit_maxes[:, 0]
dW = x.T @ dlogits
db = dlogits.sum(axis=0)
dx = dlogits @ W.T
