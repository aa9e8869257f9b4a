# exercise: softmax-cross-entropy
# Gradients in a dict, the entries of some of them filled in place.

import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(5, 4))
W = rng.uniform(-1, 1, size=(4, 3))
b = rng.uniform(-1, 1, size=3)
y = np.array([0, 2, 1, 1, 0])
rows = np.arange(5)

logits = x @ W + b
logit_maxes = logits.max(axis=1, keepdims=True)
norm_logits = logits - logit_maxes
counts = np.exp(norm_logits)
counts_sum = counts.sum(axis=1, keepdims=True)
counts_sum_inv = counts_sum**-1
probs = counts * counts_sum_inv
logprobs = np.log(probs)
loss = -logprobs[rows, y].mean()

grads = {}
grads["dlogprobs"] = np.zeros_like(logprobs)
grads["dlogprobs"][rows, y] = -1 / 5
grads["dprobs"] = grads["dlogprobs"] / probs
grads["dcounts_sum_inv"] = (counts * grads["dprobs"]).sum(axis=1, keepdims=True)
grads["dcounts_sum"] = -(counts_sum**-2) * grads["dcounts_sum_inv"]
grads["dcounts"] = counts_sum_inv * grads["dprobs"]
grads["dcounts"] += grads["dcounts_sum"]
grads["dnorm_logits"] = counts * grads["dcounts"]
grads["dlogit_maxes"] = -grads["dnorm_logits"].sum(axis=1, keepdims=True)
grads["dlogits"] = grads["dnorm_logits"].copy()
grads["dlogits"][rows, logits.argmax(axis=1)] += grads["dlogit_maxes"][:, 0]
grads["dW"] = x.T @ grads["dlogits"]
grads["db"] = np.zeros(3)
for row in range(5):
    grads["db"][:] += grads["dlogits"][row]
grads["dx"] = grads["dlogits"] @ W.T
