# exercise: attention
import numpy as np
rng = np.random.RandomState(0)
x, memory, dout = rng.randn(4, 6), rng.randn(5, 7), rng.randn(4, 2)
Wq, Wk, Wv = rng.rand(6, 3), rng.rand(7, 3), rng.randn(7, 2)
q, k, v = x @ Wq, memory @ Wk, memory @ Wv
scores = q @ k.T / 3 ** .5
weights = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
out = weights @ v
loss = (dout * out).sum()
dweights = dout @ v.T
dv = weights.T @ dout
inner = (dweights * weights).sum(2, keepdims=True)  #> guilty
dscores = weights * (dweights - inner)
scaled = dscores / 3 ** .5
dq = scaled @ k
dk = scaled.T @ q
dWq = x.T @ dq
dx = dq @ Wq.T
dWk = memory.T @ dk
dWv = memory.T @ dv
via_k = dk @ Wk.T
via_v = dv @ Wv.T
dmemory = via_k + via_v
