# exercise: attention
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(4, 6))
memory = rng.normal(size=(5, 7))
Wq = rng.uniform(-0.7, 0.7, (6, 3))
Wk = rng.uniform(-0.7, 0.7, (7, 3))
Wv = rng.normal(size=(7, 2))
dout = rng.normal(size=(4, 2))

T, S = x.shape[0], memory.shape[0]
d_k = Wq.shape[1]
q, k, v = x @ Wq, memory @ Wk, memory @ Wv
scores = np.einsum("td,sd->ts", q, k) / np.sqrt(d_k)
e = np.exp(scores - scores.max(axis=-1, keepdims=True))
weights = e / e.sum(axis=-1, keepdims=True)
out = np.einsum("ts,sv->tv", weights, v)
loss = np.sum(dout * out)


def softmax_backward(dweights, weights):
    rows = []
    for g, w in zip(dweights, weights):
        rows.append(w * (g - np.vdot(g, w)))
    return np.array(rows)


dweights = np.einsum("tv,sv->ts", dout, v)
dv = np.einsum("ts,tv->sv", weights, dout)
dscores = softmax_backward(dweights, weights)
dq = np.tensordot(dscores, k, axes=1) / np.sqrt(d_k)
dk = np.tensordot(dscores.T, q, axes=1) * (1 / np.sqrt(d_k))
dWq = np.tensordot(x, dq, axes=[[0], [0]])
dx = np.tensordot(dq, Wq, axes=[[1], [1]])
dWk = np.tensordot(memory, dk, axes=[[0], [0]])
dWv = np.tensordot(memory, dv, axes=[[0], [0]])
dmemory = np.einsum("sd,ed->se", dk, Wk) + np.einsum("sv,ev->se", dv, Wv)
