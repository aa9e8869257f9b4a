# exercise: tanh-mlp
import numpy as np
rng = np.random.default_rng(3)
X = rng.normal(size=(5, 3)); y = np.array([0, 1, 1, 0, 1]); reg = .1
W1 = rng.uniform(-1, 1, (3, 4)); b1 = rng.normal(size=4); W2 = rng.uniform(-1, 1, (4, 2)); b2 = rng.normal(size=2)
Z = X @ W1 + b1; H = np.tanh(Z); logits = H @ W2 + b2
P = np.exp(logits); P /= P.sum(1, keepdims=True)
nll = -np.log(P[np.arange(5), y]).mean()
decay = reg / 2 * sum((w ** 2).sum() for w in (W1, W2))
loss = nll + decay
inputs, weights = [X, H], [W1, W2]
activations_slopes = [None, 1 - H ** 2]
delta = P.copy(); delta[np.arange(5), y] -= 1; delta /= 5
dWs, dbs, deltas, dinputs = [], [], [], []
for inp, w, slope in zip(reversed(inputs), reversed(weights), reversed(activations_slopes)):
    deltas.insert(0, delta)
    dWs.insert(0, inp.T @ delta + reg * w)
    dbs.insert(0, delta.sum(0))
    back = delta @ w.T
    dinputs.insert(0, back)
    if slope is not None:
        delta = back * slope
dZ, dlogits = deltas
dW1, dW2 = dWs
db1, db2 = dbs
dX, dH = dinputs
