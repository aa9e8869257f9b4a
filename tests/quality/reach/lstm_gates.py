# exercise: lstm-cell
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(3, 5))
h_prev = rng.uniform(-1, 1, (3, 4))
c_prev = rng.normal(size=(3, 4))
W_i, W_f, W_o, W_g = rng.uniform(-0.7, 0.7, (4, 9, 4))
b_i, b_f, b_o, b_g = rng.uniform(-0.7, 0.7, (4, 4))
u_h = rng.normal(size=(3, 4))
u_c = rng.normal(size=(3, 4))


def sigmoid(a):
    return np.reciprocal(1 + np.exp(-a))


H = h_prev.shape[1]
q = np.hstack([h_prev, x])
a_i, a_f, a_o, a_g = (q @ W + b for W, b in zip((W_i, W_f, W_o, W_g), (b_i, b_f, b_o, b_g)))
i, f, o = (sigmoid(a) for a in (a_i, a_f, a_o))
g = np.tanh(a_g)
c = f * c_prev + i * g
s = np.tanh(c)
h = o * s
L = np.sum(u_h * h) + np.sum(u_c * c)


def gate_slope(gate, d):
    return np.multiply(d, gate - np.square(gate))


def tanh_slope(out, d):
    return np.multiply(d, 1 - np.square(out))


ds, do = u_h * o, u_h * s
dc = u_c + tanh_slope(s, ds)
df, dc_prev = np.multiply(dc, c_prev), np.multiply(dc, f)
di, dg = np.multiply(dc, g), np.multiply(dc, i)
da_i, da_f, da_o = (gate_slope(gate, d) for gate, d in ((i, di), (f, df), (o, do)))
da_g = tanh_slope(g, dg)
gates = (da_i, da_f, da_o, da_g)
dW_i, dW_f, dW_o, dW_g = (sum(np.outer(row, d) for row, d in zip(q, da)) for da in gates)
db_i, db_f, db_o, db_g = (np.add.reduce(da) for da in gates)
dq = sum(np.matmul(d, W.T) for d, W in zip(gates, (W_i, W_f, W_o, W_g)))
dh_prev = dq[:, :H]
dx = dq[:, H:]
