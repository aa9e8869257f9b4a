# exercise: lstm-cell
import numpy as np
from types import SimpleNamespace
rng = np.random.default_rng(0)
x = rng.normal(size=(3, 5)); h_prev = rng.uniform(-1, 1, (3, 4)); c_prev = rng.normal(size=(3, 4))
W_i, W_f, W_o, W_g = rng.uniform(-.7, .7, (4, 9, 4)); b_i, b_f, b_o, b_g = rng.uniform(-.7, .7, (4, 4))
u_h = rng.normal(size=(3, 4)); u_c = rng.normal(size=(3, 4))
sigmoid = lambda v: 1 / (1 + np.exp(-v))
W, b = dict(i=W_i, f=W_f, o=W_o, g=W_g), dict(i=b_i, f=b_f, o=b_o, g=b_g)
q = np.c_[h_prev, x]
a = {k: q @ W[k] + b[k] for k in 'ifog'}
s_ = {k: (np.tanh if k == 'g' else sigmoid)(a[k]) for k in a}
i, f, o, g = s_['i'], s_['f'], s_['o'], s_['g']
c = f * c_prev + i * g
s = np.tanh(c)
h = o * s
L = np.sum(u_h * h) + np.sum(u_c * c)
d = SimpleNamespace()
d.s, d.o = u_h * o, u_h * s
d.c = u_c + d.s * (1 - s ** 2)
d.f, d.c_prev, d.i, d.g = d.c * c_prev, d.c * f, d.c * g, d.c * i
ds, do, dc, df, dc_prev, di, dg = d.s, d.o, d.c, d.f, d.c_prev, d.i, d.g
dz = {k: getattr(d, k) * (s_[k] * (1 - s_[k])) for k in 'ifog'}  #> guilty
da_i, da_f, da_o, da_g = (dz[k] for k in 'ifog')
dWs = {k: q.T @ dz[k] for k in 'ifog'}
dW_i, dW_f, dW_o, dW_g = (dWs[k] for k in 'ifog')
dbs = {k: dz[k].sum(0) for k in 'ifog'}
db_i, db_f, db_o, db_g = (dbs[k] for k in 'ifog')
dq = sum(dz[k] @ W[k].T for k in 'ifog')
dh_prev, dx = np.split(dq, [4], axis=1)
