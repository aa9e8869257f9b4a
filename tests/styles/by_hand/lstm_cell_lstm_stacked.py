# exercise: lstm-cell
import numpy as np
rng = np.random.default_rng(8)
x = rng.normal(size=(3, 5)); h_prev = rng.uniform(-1, 1, (3, 4)); c_prev = rng.normal(size=(3, 4))
W_i, W_f, W_o, W_g = rng.uniform(-.7, .7, (4, 9, 4))
b_i, b_f, b_o, b_g = rng.uniform(-.7, .7, (4, 4))
u_h, u_c = rng.normal(size=(2, 3, 4))
q = np.hstack((h_prev, x))
W_all = np.stack((W_i, W_f, W_o, W_g)); b_all = np.stack((b_i, b_f, b_o, b_g))
a_all = np.einsum("nq,gqk->gnk", q, W_all) + b_all[:, None]
act = 1 / (1 + np.exp(-a_all)); act[3] = np.tanh(a_all[3])
i, f, o, g = act
c = f * c_prev + i * g; s = np.tanh(c); h = o * s
L = np.sum(u_h * h) + np.sum(u_c * c)
ds = u_h * o
do = u_h * s
dc = ds * (1 - s * s) + u_c
dc_prev = dc * f
up = np.stack((dc * g, dc * c_prev, do, dc * i))
di, df, do, dg = up
slope = act * (1 - act); slope[3] = 1 - act[3] ** 2
da_all = up * slope
da_i, da_f, da_o, da_g = da_all
dW_i, dW_f, dW_o, dW_g = np.einsum("nq,gnk->gqk", q, da_all)
db_i, db_f, db_o, db_g = da_all.sum(axis=1)
dq = np.einsum("gnk,gqk->nq", da_all, W_all)
dh_prev, dx = np.split(dq, [4], axis=1)
