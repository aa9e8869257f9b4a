# exercise: rnn
import numpy as np

rng = np.random.default_rng(0)
T = 4
W = rng.uniform(-0.9, 0.9, (3, 3))
U = rng.uniform(-0.9, 0.9, (3, 2))
b = rng.uniform(-0.5, 0.5, 3)
x = rng.normal(size=(T + 1, 2))
y = rng.uniform(-1, 1, (T + 1, 3))
h0 = rng.uniform(-1, 1, 3)

s = {0: h0}
for step in range(1, T + 1):
    s[step] = np.tanh(W @ s[step - 1] + U @ x[step] + b)
L = sum(((s[k] - y[k]) ** 2).sum() for k in range(1, T + 1)) / 2

dh, da = {}, {}
dW, dU, db = 0 * W, 0 * U, 0 * b
later = 0 * h0
for k in range(T, 0, -1):
    dh[k] = s[k] - y[k] + later
    da[k] = dh[k] * (1 - s[k] ** 2)
    dW += da[k][:, None] * s[k - 1]
    dU += da[k][:, None] * x[k]
    db += da[k]
    later = W.T @ da[k]
dh0 = later
