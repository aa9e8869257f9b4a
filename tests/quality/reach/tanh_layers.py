# exercise: tanh-mlp
import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(5, 3))
y = np.array([0, 1, 1, 0, 1])
W1 = rng.uniform(-1, 1, size=(3, 4))
b1 = rng.uniform(-0.5, 0.5, size=4)
W2 = rng.uniform(-1, 1, size=(4, 2))
b2 = rng.uniform(-0.5, 0.5, size=2)
reg = 0.1

weights = [W1, W2]
Z = X @ W1 + b1
H = np.tanh(Z)
inputs = [X, H]
logits = H @ W2 + b2
e = np.exp(logits - logits.max(axis=1, keepdims=True))
P = e / e.sum(axis=1, keepdims=True)
nll = -np.mean([np.log(row[k]) for row, k in zip(P, y)])
decay = reg / 2 * sum(np.sum(w**2) for w in weights)
loss = nll + decay

dlogits = P.copy()
for i in range(len(y)):
    dlogits[i, y[i]] -= 1
dlogits = dlogits / X.shape[0]

dweights, dbiases, dinputs = [], [], []
upstream = dlogits
for layer in reversed(range(2)):
    dweights.append(inputs[layer].T @ upstream + reg * weights[layer])
    dbiases.append(np.add.reduce(upstream))
    dinputs.append(upstream @ weights[layer].T)
    if layer > 0:
        upstream = dinputs[-1] * (1 - inputs[layer] ** 2)

dW2, dW1 = dweights
db2, db1 = dbiases
dH, dX = dinputs
dZ = upstream
