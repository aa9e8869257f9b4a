# exercise: gru-cell
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(5, 3))
h_prev = rng.uniform(-1, 1, (4, 3))
u = rng.normal(size=(4, 3))
W_z, W_r, W_n = rng.uniform(-0.8, 0.8, (3, 4, 5))
U_z, U_r, U_n = rng.uniform(-0.8, 0.8, (3, 4, 4))
b_z, b_r, b_n = rng.uniform(-0.5, 0.5, (3, 4, 1))
sigmoid = lambda t: 1 / (1 + np.exp(-t))
a_z = W_z @ x + U_z @ h_prev + b_z
z = sigmoid(a_z)
a_r = W_r @ x + U_r @ h_prev + b_r
r = sigmoid(a_r)
m = r * h_prev
a_n = W_n @ x + U_n @ m + b_n
n = np.tanh(a_n)
h = (1 - z) * n + z * h_prev
L = np.sum(u * h)
dn = u * (1 - z)
dz = u * (h_prev - n)
da_n = dn * (1 - n**2)
dm = U_n.T @ da_n
dr = dm * h_prev
da_z = dz * z * (1 - z)
da_r = dr * r * (1 - r)
dW_n, dU_n, db_n = da_n @ x.T, da_n @ m.T, da_n.sum(1, keepdims=True)
dW_z, dU_z, db_z = da_z @ x.T, da_z @ h_prev.T, da_z.sum(1, keepdims=True)
dW_r, dU_r, db_r = da_r @ x.T, da_r @ h_prev.T, da_r.sum(1, keepdims=True)
dx = W_n.T @ da_n + W_z.T @ da_z + W_r.T @ da_r
dh_prev = u * z + dm * r + U_z.T @ da_z + U_r.T @ da_r
