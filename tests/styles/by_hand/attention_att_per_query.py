# exercise: attention
import numpy as np
rng = np.random.default_rng(4)

x = rng.normal(size=(4, 6)); memory = rng.normal(size=(5, 7)); Wq = rng.normal(size=(6, 3)); Wk = rng.normal(size=(7, 3)); Wv = rng.normal(size=(7, 2)); dout = rng.normal(size=(4, 2))
q, k, v = x@Wq, memory@Wk, memory@Wv
scores = q@k.T/np.sqrt(3); weights = np.exp(scores)/np.exp(scores).sum(1)[:, None]; out = weights@v
dweights = np.empty_like(weights); dscores = np.empty_like(scores); dq = np.empty_like(q)
dv, dk = np.zeros_like(v), np.zeros_like(k)
for i, (w, g) in enumerate(zip(weights, dout)):
    dweights[i] = v@g
    dv += np.outer(w, g)
    dscores[i] = (np.diag(w)-np.outer(w, w))@dweights[i]
    dq[i] = dscores[i]@k/3**.5
    dk += np.outer(dscores[i], q[i])/3**.5
dWq, dWk, dWv = x.T@dq, memory.T@dk, memory.T@dv
dx, dmemory = dq@Wq.T, np.hstack([dk, dv])@np.hstack([Wk, Wv]).T
