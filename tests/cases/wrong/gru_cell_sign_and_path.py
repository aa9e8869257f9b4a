# exercise: gru-cell
# The update gate's sign, and a path to the old state that was forgotten.

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
dz = u * (n - h_prev)  #> dz wrong, first
da_n = dn * (1 - n ** 2)
dm = da_n @ U_n.T
dr = dm * h_prev
da_z = dz * z * (1 - z)  #> da_z carried by dz
da_r = dr * r * (1 - r)
dW_n = x.T @ da_n
dU_n = m.T @ da_n
db_n = da_n.sum(0)
dW_z = x.T @ da_z  #> dW_z carried by dz
dU_z = h_prev.T @ da_z  #> dU_z carried by dz
db_z = da_z.sum(0)  #> db_z carried by dz
dW_r = x.T @ da_r
dU_r = h_prev.T @ da_r
db_r = da_r.sum(0)
dx = da_n @ W_n.T + da_z @ W_z.T + da_r @ W_r.T  #> dx carried by dz
dh_prev = u * z + da_z @ U_z.T + da_r @ U_r.T  #> dh_prev wrong
