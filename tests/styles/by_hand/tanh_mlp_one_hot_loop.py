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

N, K = len(y), 2
Z = X @ W1 + b1
H = np.tanh(Z)
logits = H @ W2 + b2
P = np.zeros((N, K))
for i in range(N):
    row = np.exp(logits[i])
    P[i] = row / row.sum()
loss = np.mean([-np.log(P[i, y[i]]) for i in range(N)]) + 0.5 * reg * ((W1 * W1).sum() + (W2 * W2).sum())

dlogits = np.zeros((N, K))
for i in range(N):
    for k in range(K):
        dlogits[i, k] = (P[i, k] - (1 if k == y[i] else 0)) / N
dW2 = reg * W2
dW2 += H.T @ dlogits
db2 = dlogits.sum(0)
dH = dlogits @ W2.T
dZ = (1 - H * H) * dH
dW1 = reg * W1
dW1 += X.T @ dZ
db1 = dZ.sum(0)
dX = dZ @ W1.T
