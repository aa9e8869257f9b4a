# exercise: retold-softmax
# A total that is not kept two-dimensional.
import numpy as np

rng = np.random.default_rng(4)
n = 5
X = rng.normal(size=(n, 3))
W = rng.normal(size=(3, 4))
b = rng.normal(size=4)
T = np.eye(4)[[1, 0, 3, 1, 2]]

logits = X @ W + b
counts = np.exp(logits)
total = counts.sum(axis=1, keepdims=True)
probs = counts / total
logprobs = np.log(probs)
loss = -(T * logprobs).sum() / n

dlogprobs = -T / n
dprobs = dlogprobs / probs
dtotal = -(probs * dprobs).sum(axis=1, keepdims=True) / total
dcounts = dprobs / total + dtotal
dlogits = counts * dcounts
dW = X.T @ dlogits
db = dlogits.sum(axis=0)
dX = dlogits @ W.T
