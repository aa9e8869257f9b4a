# exercise: attention
import numpy as np
rng = np.random.default_rng(3)
x = rng.standard_normal((4, 6)); memory = rng.standard_normal((5, 7))
Wq = rng.uniform(-.7, .7, (6, 3)); Wk = rng.uniform(-.7, .7, (7, 3)); Wv = rng.standard_normal((7, 2))
dout = rng.standard_normal((4, 2))
def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
q = x @ Wq
k = memory @ Wk
v = memory @ Wv
d_k = k.shape[1]
scores = q @ k.T / np.sqrt(d_k)
weights = softmax(scores)
out = weights @ v
loss = np.sum(dout * out)

dweights = dout @ v.T
dv = weights @ dout  #> dv wrong, first
dscores = weights * (dweights - (dweights * weights).sum(axis=1, keepdims=True))
dq = dscores @ k / np.sqrt(d_k)
dk = dscores.T @ q / np.sqrt(d_k)
dWq = x.T @ dq
dx = dq @ Wq.T
dWk = memory.T @ dk
dWv = memory.T @ dv  #> dWv carried
dmemory = dk @ Wk.T + dv @ Wv.T  #> dmemory carried
