# exercise: makemore-backprop
# The same chain in NumPy, with sizes in names and a repeated index added at once.

import numpy as np

rng = np.random.default_rng(5)
vocab, width, block, hidden, n = 27, 10, 3, 64, 32
C = rng.normal(size=(vocab, width))
W1 = rng.normal(size=(width * block, hidden)) * 0.3
b1 = rng.normal(size=hidden) * 0.1
W2 = rng.normal(size=(hidden, vocab)) * 0.1
b2 = rng.normal(size=vocab) * 0.1
bngain = np.ones((1, hidden))
bnbias = np.zeros((1, hidden))
Xb = rng.integers(0, vocab, size=(n, block))
Yb = rng.integers(0, vocab, size=n)

emb = C[Xb]
embcat = emb.reshape(n, -1)
hprebn = embcat @ W1 + b1
bnmeani = hprebn.mean(0, keepdims=True)
bndiff = hprebn - bnmeani
bndiff2 = bndiff**2
bnvar = bndiff2.sum(0, keepdims=True) / (n - 1)
bnvar_inv = 1 / np.sqrt(bnvar + 1e-5)
bnraw = bndiff * bnvar_inv
hpreact = bngain * bnraw + bnbias
h = np.tanh(hpreact)
logits = h @ W2 + b2
logit_maxes = logits.max(1, keepdims=True)
norm_logits = logits - logit_maxes
counts = np.exp(norm_logits)
counts_sum = counts.sum(1, keepdims=True)
counts_sum_inv = 1 / counts_sum
probs = counts * counts_sum_inv
logprobs = np.log(probs)
loss = -logprobs[np.arange(n), Yb].mean()

dlogprobs = np.zeros((n, vocab))
dlogprobs[np.arange(n), Yb] -= 1 / n
dprobs = dlogprobs / probs
dcounts_sum_inv = (dprobs * counts).sum(1, keepdims=True)
dcounts_sum = -dcounts_sum_inv / counts_sum**2
dcounts = dprobs * counts_sum_inv + dcounts_sum
dnorm_logits = dcounts * counts
dlogit_maxes = -dnorm_logits.sum(1, keepdims=True)
dlogits = dnorm_logits + (logits == logit_maxes) * dlogit_maxes
dh = dlogits @ W2.T
dW2 = h.T @ dlogits
db2 = dlogits.sum(0)
dhpreact = dh * (1 - h * h)
dbngain = (dhpreact * bnraw).sum(0, keepdims=True)
dbnbias = dhpreact.sum(0, keepdims=True)
dbnraw = dhpreact * bngain
dbnvar_inv = (dbnraw * bndiff).sum(0, keepdims=True)
dbnvar = dbnvar_inv * -0.5 * (bnvar + 1e-5)**-1.5
dbndiff2 = np.repeat(dbnvar, n, axis=0) / (n - 1)
dbndiff = dbnraw * bnvar_inv + 2 * bndiff * dbndiff2
dbnmeani = -dbndiff.sum(0, keepdims=True)
dhprebn = dbndiff + dbnmeani / n
dembcat = dhprebn @ W1.T
dW1 = embcat.T @ dhprebn
db1 = dhprebn.sum(0)
demb = dembcat.reshape(emb.shape)
dC = np.zeros_like(C)
np.add.at(dC, Xb, demb)
