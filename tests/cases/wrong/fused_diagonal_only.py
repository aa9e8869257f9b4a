# exercise: softmax-cross-entropy-fused
# The softmax taken for a function of each entry by itself.
# #> dW carried by dlogits
# #> db carried by dlogits
# #> dx carried by dlogits

import numpy as np

x = np.random.randn(6, 5)
W = np.random.randn(5, 4)
b = np.random.randn(4)
y = np.random.randint(4, size=6)
N = x.shape[0]

logits = x.dot(W) + b
e = np.exp(logits - logits.max(axis=1, keepdims=True))
probs = e / e.sum(axis=1, keepdims=True)
loss = -np.sum(np.log(probs[np.arange(N), y])) / N

dprobs = np.zeros_like(probs)
dprobs[np.arange(N), y] = -1 / probs[np.arange(N), y] / N
dlogits = dprobs * probs * (1 - probs)  #> dlogits wrong, first
dW = np.dot(x.T, dlogits)
db = np.sum(dlogits, axis=0)
dx = np.dot(dlogits, W.T)
