# exercise: rnn
import numpy as np
from itertools import accumulate
rng = np.random.default_rng(5)
T = 4
W, U, b = rng.uniform(-.9, .9, (3, 3)), rng.uniform(-.9, .9, (3, 2)), rng.uniform(-.5, .5, 3)
x, y, h0 = rng.normal(size=(5, 2)), rng.uniform(-1, 1, (5, 3)), rng.uniform(-1, 1, 3)
h = np.array(list(accumulate(range(1, T + 1), lambda prev, t: np.tanh(W @ prev + U @ x[t] + b), initial=h0)))
L = .5 * ((h[1:] - y[1:]) ** 2).sum()
err = h - y
def back(later, t):
    return err[t] + W.T @ ((1 - h[t + 1] ** 2) * later)
dh_rev = list(accumulate(range(T - 1, 0, -1), back, initial=err[T]))
dh = np.array([np.zeros(3)] + dh_rev[::-1])
da = dh * (1 - h ** 2)
dW = np.einsum("ti,tj->ij", da[1:], h[:-1])
dU = np.einsum("ti,tj->ij", da[1:], x[1:])
db = da[1:].sum(0)
dh0 = W.T @ da[1]
