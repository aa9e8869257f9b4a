# exercise: gru-cell
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(3, 5))
h_prev = rng.uniform(-1, 1, (3, 4))
W_z, W_r, W_n = rng.uniform(-0.8, 0.8, (3, 5, 4))
U_z, U_r, U_n = rng.uniform(-0.8, 0.8, (3, 4, 4))
b_z, b_r, b_n = rng.uniform(-0.5, 0.5, (3, 4))
u = rng.normal(size=(3, 4))


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


a_z = x @ W_z + h_prev @ U_z + b_z
z = sigmoid(a_z)
a_r = x @ W_r + h_prev @ U_r + b_r
r = sigmoid(a_r)
m = r * h_prev
a_n = x @ W_n + m @ U_n + b_n
n = np.tanh(a_n)
h = (1 - z) * n + z * h_prev
L = np.sum(u * h)
to_n = (1 - z) * u
to_z = (h_prev - n) * u
to_a_n = (1 - n**2) * to_n
to_m = to_a_n @ U_n.T
to_r = h_prev * to_m
to_a_z = z * (1 - z) * to_z
to_a_r = to_r  #> guilty
grads = {}
for letter, arriving, inner in (("z", to_a_z, h_prev), ("r", to_a_r, h_prev), ("n", to_a_n, m)):
    grads[f"da_{letter}"] = arriving
    grads[f"dW_{letter}"] = x.T @ arriving
    grads[f"dU_{letter}"] = inner.T @ arriving
    grads[f"db_{letter}"] = arriving.sum(axis=0)
grads.update(dn=to_n, dz=to_z, dm=to_m, dr=to_r)
grads["dx"] = to_a_n @ W_n.T + to_a_z @ W_z.T + to_a_r @ W_r.T
grads["dh_prev"] = z * u + r * to_m + to_a_z @ U_z.T + to_a_r @ U_r.T
