# exercise: attention
import numpy as np
rng = np.random.default_rng(1)
x = rng.normal(size=(4, 6)); memory = rng.normal(size=(5, 7))
Wq = rng.normal(size=(6, 3)); Wk = rng.normal(size=(7, 3)); Wv = rng.normal(size=(7, 2)); dout = rng.normal(size=(4, 2))
E = np.einsum
q = E("id,dk->ik", x, Wq); k = E("jd,dk->jk", memory, Wk); v = E("jd,dv->jv", memory, Wv)
scores = E("ik,jk->ij", q, k) / np.sqrt(3)
weights = np.exp(scores - scores.max(-1, keepdims=True)); weights /= E("ij->i", weights)[:, None]
out = E("ij,jv->iv", weights, v)
loss = E("iv,iv->", dout, out)
dweights = E("iv,jv->ij", dout, v)
dv = E("iv,ij->jv", dout, weights)
J = E("ij,jl->ijl", weights, np.eye(5)) - E("ij,il->ijl", weights, weights)
dscores = E("ijl,il->ij", J, dweights)
dq = E("ij,jk->ik", dscores, k) / np.sqrt(3)
dk = E("ij,ik->jk", dscores, q) / np.sqrt(3)
dWq = E("id,ik->dk", x, dq); dx = E("ik,dk->id", dq, Wq)
dWk = E("jd,jk->dk", memory, dk); dWv = E("jd,jv->dv", memory, dv)
dmemory = E("jk,dk->jd", dk, Wk); dmemory += E("jv,dv->jd", dv, Wv)
