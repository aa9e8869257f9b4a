# exercise: rnn
import numpy as np

rng = np.random.default_rng(1)
T = 4
W = rng.uniform(-0.9, 0.9, (3, 3))
U = rng.uniform(-0.9, 0.9, (3, 2))
b = rng.uniform(-0.5, 0.5, 3)
x = rng.normal(size=(5, 2))
y = rng.uniform(-1, 1, (5, 3))
h0 = rng.uniform(-1, 1, 3)
a = {}
h = {0: h0}
L = 0
for t in range(1, T + 1):
    a[t] = W @ h[t - 1] + U @ x[t] + b
    h[t] = np.tanh(a[t])
    L += ((h[t] - y[t]) ** 2).sum() / 2
dW = np.zeros((3, 3))
dU = np.zeros((3, 2))
db = np.zeros(3)
up = np.zeros(3)
for t in range(T, 0, -1):
    dh_t = h[t] - y[t] + up  #> dh[2] carried by dh[3] #> dh[1] carried by dh[3]
    da_t = dh_t * (1 - h[t] ** 2)
    # #> da[3] carried by dh[3]
    # #> da[2] carried by dh[3]
    # #> da[1] carried by dh[3]
    dW += np.outer(da_t, h[t - 1])  #> dW carried by dh[3]
    dU += np.outer(da_t, x[t])  #> dU carried by dh[3]
    db += da_t  #> db carried by dh[3]
    up = W.T @ dh_t  #> dh[3] wrong, first; put da_t #> dh0 carried by dh[3]
dh0 = up
