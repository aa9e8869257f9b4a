# exercise: gru-cell
# A transpose is missing, and what U_n was multiplied by is taken to be the whole old state.

import numpy as np

rng = np.random.default_rng(3)
x = rng.normal(size=(3, 5)); h_prev = rng.uniform(-1, 1, (3, 4)); u = rng.normal(size=(3, 4))
W_z, W_r, W_n = (rng.uniform(-0.8, 0.8, (5, 4)) for _ in range(3))
U_z, U_r, U_n = (rng.uniform(-0.8, 0.8, (4, 4)) for _ in range(3))
b_z, b_r, b_n = (rng.uniform(-0.5, 0.5, 4) for _ in range(3))


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


a_z = x @ W_z + h_prev @ U_z + b_z
z = sigmoid(a_z)
a_r = x @ W_r + h_prev @ U_r + b_r
r = sigmoid(a_r)
m = r * h_prev
a_n = x @ W_n + m @ U_n + b_n
n = np.tanh(a_n)
h = (1 - z) * n + z * h_prev
L = (u * h).sum()

dn = u * (1 - z)
dz = u * (h_prev - n)
da_n = dn * (1 - n ** 2)
dm = da_n @ U_n  #> dm wrong, first
dr = dm * h_prev  #> dr carried by dm
da_z = dz * z * (1 - z)
da_r = dr * r * (1 - r)  #> da_r carried by dm
dW_n = x.T @ da_n
dU_n = h_prev.T @ da_n  #> dU_n wrong
db_n = da_n.sum(0)
dW_z = x.T @ da_z
dU_z = h_prev.T @ da_z
db_z = da_z.sum(0)
dW_r = x.T @ da_r  #> dW_r carried
dU_r = h_prev.T @ da_r  #> dU_r carried
db_r = da_r.sum(0)  #> db_r carried
dx = da_n @ W_n.T + da_z @ W_z.T + da_r @ W_r.T  #> dx carried
dh_prev = u * z + dm * r + da_z @ U_z.T + da_r @ U_r.T  #> dh_prev carried
