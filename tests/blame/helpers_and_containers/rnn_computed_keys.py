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
a = np.zeros((T + 1, 3))
h = np.zeros((T + 1, 3))
h[0] = h0
for t in range(1, T + 1):
    a[t] = W @ h[t - 1] + U @ x[t] + b
    h[t] = np.tanh(a[t])
L = np.sum((h[1:] - y[1:]) ** 2) / 2
grads = {}
grads['d{}'.format('W')] = np.zeros_like(W)
grads['d' + 'U'] = np.zeros_like(U)
grads['d%s' % 'b'] = np.zeros_like(b)
grads['d' + 'h'] = np.zeros((T + 1, 3))
grads['d%s' % 'a'] = np.zeros((T + 1, 3))
from_the_future = np.zeros(3)
for t in reversed(range(1, T + 1)):
    grads['d' + 'h'][t] = h[t] - y[t] + from_the_future
    grads['d%s' % 'a'][t] = (1 - h[t] ** 2) * grads['d' + 'h'][t]
    grads['d{}'.format('W')] += np.outer(h[t - 1], grads['d%s' % 'a'][t])  #> guilty
    grads['d' + 'U'] += np.outer(grads['d%s' % 'a'][t], x[t])
    grads['d%s' % 'b'] += grads['d%s' % 'a'][t]
    from_the_future = W.T @ grads['d%s' % 'a'][t]
grads['d{}'.format('h0')] = from_the_future
