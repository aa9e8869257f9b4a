# exercise: retold-softmax
# The derivative of log is 1 over its argument.
# After a public makemore notebook.

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
dprobs = dlogprobs * probs  #> dprobs wrong, first; code log-derivative-not-inverted
dtotal = (-counts / total**2 * dprobs).sum(axis=1, keepdims=True)  #> dtotal carried
dcounts = dprobs / total + dtotal  #> dcounts carried
dlogits = counts * dcounts  #> dlogits carried
dW = X.T @ dlogits  #> dW carried
db = dlogits.sum(axis=0)  #> db carried
dX = dlogits @ W.T  #> dX carried
