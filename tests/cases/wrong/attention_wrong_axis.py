# exercise: attention
# The weighted mean along the queries.
# #> dq carried by dscores
# #> dk carried by dscores
# #> dWq carried by dscores
# #> dx carried by dscores
# #> dWk carried by dscores
# #> dmemory carried by dscores

import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


x = np.random.randn(4, 6)
memory = np.random.randn(5, 7)
Wq = np.random.randn(6, 3) * 0.4
Wk = np.random.randn(7, 3) * 0.4
Wv = np.random.randn(7, 2)
dout = np.random.randn(4, 2)

# forward
q, k, v = x @ Wq, memory @ Wk, memory @ Wv
d = q.shape[-1]
scores = q @ k.T / np.sqrt(d)
weights = softmax(scores)
out = weights @ v
loss = (out * dout).sum()

# backward
dweights = dout @ v.T
dv = weights.T @ dout
dscores = weights * (dweights - (dweights * weights).sum(axis=0, keepdims=True))  #> dscores wrong, first
dq = dscores @ k / np.sqrt(d)
dk = dscores.T @ q / np.sqrt(d)
dWq = x.T @ dq
dx = dq @ Wq.T
dWk = memory.T @ dk
dWv = memory.T @ dv
dmemory = dk @ Wk.T + dv @ Wv.T
