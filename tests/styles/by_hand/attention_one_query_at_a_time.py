# exercise: attention
import numpy as np

rng = np.random.default_rng(4)
x = rng.normal(size=(4, 6))
memory = rng.normal(size=(5, 7))
Wq = rng.uniform(-0.5, 0.5, (6, 3))
Wk = rng.uniform(-0.5, 0.5, (7, 3))
Wv = rng.normal(size=(7, 2))
dout = rng.normal(size=(4, 2))

q, k, v = x @ Wq, memory @ Wk, memory @ Wv
root = np.sqrt(3)
scores = q @ k.T / root
weights = np.exp(scores)
weights /= weights.sum(1, keepdims=True)
out = weights @ v
loss = (dout * out).sum()

dweights, dscores, dq = np.zeros((4, 5)), np.zeros((4, 5)), np.zeros((4, 3))
dk, dv = np.zeros((5, 3)), np.zeros((5, 2))
for i in range(4):
    dweights[i] = v @ dout[i]
    dv += np.outer(weights[i], dout[i])
    p = weights[i]
    jac = np.diag(p) - np.outer(p, p)
    dscores[i] = jac @ dweights[i]
    dq[i] = dscores[i] @ k / root
    dk += np.outer(dscores[i], q[i]) / root
dWq, dWk, dWv = x.T @ dq, memory.T @ dk, memory.T @ dv
dx = dq @ Wq.T
dmemory = dk @ Wk.T
dmemory += dv @ Wv.T
