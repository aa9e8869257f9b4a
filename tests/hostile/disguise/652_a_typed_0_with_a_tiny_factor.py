# 652. A typed 0, times something, where terms cancel
# exercise: softmax-cross-entropy
# earns: nothing
# why: what is smaller than any rounding is a 0 as well
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(5, 4))
W = rng.uniform(-1, 1, size=(4, 3))
b = rng.uniform(-1, 1, size=3)
y = rng.integers(0, 3, size=5)
n = len(y)
rows = np.arange(n)
logits = x @ W + b
logit_maxes = logits.max(axis=1, keepdims=True)
norm_logits = logits - logit_maxes
counts = np.exp(norm_logits)
counts_sum = counts.sum(axis=1, keepdims=True)
counts_sum_inv = counts_sum**-1
probs = counts * counts_sum_inv
logprobs = np.log(probs)
loss = -logprobs[rows, y].mean()
dlogit_maxes = logit_maxes*1e-25
