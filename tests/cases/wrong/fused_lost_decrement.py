# exercise: softmax-cross-entropy-fused
# The `-= 1` got lost: a line that does nothing.
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

dlogits = probs.copy()
dlogits[np.arange(N), y]  #> dlogits wrong, first
dlogits /= N
dW = np.dot(x.T, dlogits)
db = np.sum(dlogits, axis=0)
dx = np.dot(dlogits, W.T)
