# exercise: gru-cell
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(3, 5))
h_prev = rng.uniform(-1, 1, (3, 4))
W_z, W_r, W_n = rng.uniform(-0.8, 0.8, (3, 5, 4))
U_z, U_r, U_n = rng.uniform(-0.8, 0.8, (3, 4, 4))
b_z, b_r, b_n = rng.uniform(-0.5, 0.5, (3, 4))
u = rng.normal(size=(3, 4))


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


class Backward:
    pass


z = sigmoid(x @ W_z + h_prev @ U_z + b_z)
r = sigmoid(x @ W_r + h_prev @ U_r + b_r)
m = r * h_prev
n = np.tanh(x @ W_n + m @ U_n + b_n)
h = (1 - z) * n + z * h_prev
L = (u * h).sum()

back = Backward()
back.dn = u * (1 - z)
back.dz = u * (h_prev - n)
back.dh_prev = u * z
back.da_n = back.dn * (1 - n**2)
back.dm = back.da_n @ U_n.T
back.dr = back.dm * h_prev
back.dh_prev = back.dh_prev + back.dm * r
back.da_z = back.dz * z * (1 - z)
back.da_r = back.dr * r * (1 - r)
back.dx = 0
for gate, inp in (("n", m), ("z", h_prev), ("r", h_prev)):
    da = getattr(back, f"da_{gate}")
    setattr(back, f"dW_{gate}", x.T @ da)
    setattr(back, f"dU_{gate}", inp.T @ da)
    setattr(back, f"db_{gate}", da.sum(axis=0))
    back.dx = back.dx + da @ globals()[f"W_{gate}"].T
back.dh_prev = back.dh_prev + back.da_z @ U_z.T + back.da_r @ U_r.T
