# exercise: gru-cell
# The helper applies the sigmoid to what went through it: one mistake, in the helper, behind two calls.
# #> da_r carried
# #> dW_z carried
# #> dU_z carried
# #> db_z carried
# #> dW_r carried
# #> dU_r carried
# #> db_r carried
# #> dx carried
# #> dh_prev carried
import numpy as np

rng = np.random.default_rng(5)
B, I, H = 3, 5, 4
x = rng.normal(size=(B, I))
h_prev = rng.uniform(-1, 1, (B, H))
W_z, W_r, W_n = (rng.uniform(-0.8, 0.8, (I, H)) for _ in range(3))
U_z, U_r, U_n = (rng.uniform(-0.8, 0.8, (H, H)) for _ in range(3))
b_z, b_r, b_n = (rng.uniform(-0.5, 0.5, H) for _ in range(3))
u = rng.normal(size=(B, H))

sigmoid = lambda a: 1 / (1 + np.exp(-a))

def dsigmoid(s):
    return sigmoid(s) * (1 - sigmoid(s))  #> da_z wrong, first; code activation-applied-twice; put s * (1 - s)

def dtanh(t):
    return 1 - t ** 2

a_z = x @ W_z + h_prev @ U_z + b_z
z = sigmoid(a_z)
a_r = x @ W_r + h_prev @ U_r + b_r
r = sigmoid(a_r)
m = r * h_prev
a_n = x @ W_n + m @ U_n + b_n
n = np.tanh(a_n)
h = (1 - z) * n + z * h_prev
L = np.sum(u * h)

dn = u * (1 - z)
dz = u * (h_prev - n)
da_n = dn * dtanh(n)
dm = da_n @ U_n.T
dr = dm * h_prev
da_z = dz * dsigmoid(z)
da_r = dr * dsigmoid(r)

dW_n, dU_n, db_n = x.T @ da_n, m.T @ da_n, da_n.sum(axis=0)
dW_z, dU_z, db_z = x.T @ da_z, h_prev.T @ da_z, da_z.sum(axis=0)
dW_r, dU_r, db_r = x.T @ da_r, h_prev.T @ da_r, da_r.sum(axis=0)

dx = da_n @ W_n.T + da_z @ W_z.T + da_r @ W_r.T
dh_prev = u * z + dm * r + da_z @ U_z.T + da_r @ U_r.T
