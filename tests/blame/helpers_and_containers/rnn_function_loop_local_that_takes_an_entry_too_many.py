# exercise: rnn
import numpy as np
rng = np.random.default_rng(1)
T = 4
W, U, b = rng.uniform(-.9, .9, (3, 3)), rng.uniform(-.9, .9, (3, 2)), rng.uniform(-.5, .5, 3)
x, y, h0 = rng.normal(size=(5, 2)), rng.uniform(-1, 1, (5, 3)), rng.uniform(-1, 1, 3)
def forward(h0):
    h = {0: h0}; a = {}
    for t in range(1, T + 1):
        a[t] = W @ h[t - 1] + U @ x[t] + b
        h[t] = np.tanh(a[t])
    return a, h
a, h = forward(h0)
L = sum(((h[t] - y[t]) ** 2).sum() / 2 for t in range(1, T + 1))
def bptt(h):
    dh, da = {}, {}
    dW, dU, db = 0 * W, 0 * U, 0 * b
    later = np.zeros(3)
    for t in range(T, 0, -1):
        err = h[t] - y[t]
        dh[t] = err + later
        slope = 1 - h[t, 0] ** 2  #> guilty
        da[t] = dh[t] * slope
        outer = np.outer(da[t], h[t - 1])
        dW = dW + outer
        dU = dU + np.outer(da[t], x[t])
        db = db + da[t]
        later = W.T @ da[t]
    return dh, da, dW, dU, db, later
dh, da, dW, dU, db, dh0 = bptt(h)
