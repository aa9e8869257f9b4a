# exercise: gelu-mlp
# The slope of the tanh is taken at its input.
# #> da carried by du #> dW1 carried by du #> db1 carried by du #> dx carried by du

import numpy as np

rng = np.random.default_rng(2)
x = rng.normal(size=(5, 4))
W1 = rng.normal(size=(4, 6))
b1 = rng.normal(size=6)
W2 = rng.normal(size=(6, 3))
b2 = rng.normal(size=3)
y = rng.normal(size=(5, 3))
N, M = y.shape
K = np.sqrt(2 / np.pi)
C = 0.044715
pre = x @ W1 + b1
inner = K * (pre + C * pre**3)
th = np.tanh(inner)
hid = 0.5 * pre * (1 + th)
pred = hid @ W2 + b2
loss = ((pred - y) ** 2).sum() / (N * M)
dout = np.zeros((N, M))
dW2 = np.zeros((6, 3))
db2 = np.zeros(3)
dh = np.zeros((N, 6))
dt = np.zeros((N, 6))
du = np.zeros((N, 6))
da = np.zeros((N, 6))
dW1 = np.zeros((4, 6))
db1 = np.zeros(6)
dx = np.zeros((N, 4))
for i in range(N):
    dout[i] = 2 * (pred[i] - y[i]) / (N * M)
    dW2 += np.outer(hid[i], dout[i])
    db2 += dout[i]
    dh[i] = W2 @ dout[i]
    for j in range(6):
        dt[i, j] = 0.5 * pre[i, j] * dh[i, j]
        du[i, j] = (1 - inner[i, j] ** 2) * dt[i, j]  #> du wrong, first; code tanh-derivative-on-pre-activation
        da[i, j] = 0.5 * (1 + th[i, j]) * dh[i, j] + K * (1 + 3 * C * pre[i, j] ** 2) * du[i, j]
    dW1 += np.outer(x[i], da[i])
    db1 += da[i]
    dx[i] = W1 @ da[i]
