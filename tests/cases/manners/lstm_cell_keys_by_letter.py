# exercise: lstm-cell
import numpy as np

rng = np.random.default_rng(5)
x = rng.normal(size=(3, 5))
h_prev = rng.uniform(-1, 1, (3, 4))
c_prev = rng.normal(size=(3, 4))
W_i, W_f, W_o, W_g = (rng.uniform(-0.7, 0.7, (9, 4)) for _ in range(4))
b_i, b_f, b_o, b_g = (rng.uniform(-0.7, 0.7, 4) for _ in range(4))
u_h = rng.normal(size=(3, 4))
u_c = rng.normal(size=(3, 4))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


q = np.concatenate([h_prev, x], axis=1)
a_i = q @ W_i + b_i
a_f = q @ W_f + b_f
a_o = q @ W_o + b_o
a_g = q @ W_g + b_g
i = sigmoid(a_i)
f = sigmoid(a_f)
o = sigmoid(a_o)
g = np.tanh(a_g)
c = f * c_prev + i * g
s = np.tanh(c)
h = o * s
L = np.sum(u_h * h) + np.sum(u_c * c)

dh = u_h
ds = dh * o
do = dh * s
dc = u_c + ds * (1 - s**2)
df = dc * c_prev
dc_prev = dc * f
di = dc * g
dg = dc * i
da_o = do * o * (1 - o)
da_f = df * f * (1 - f)
da_i = di * i * (1 - i)
da_g = dg * (1 - g**2)
grads = {}
for k, d in zip("ofig", (da_o, da_f, da_i, da_g)):
    grads[f"dW_{k}"] = q.T @ d
    grads[f"db_{k}"] = d.sum(axis=0)
dq = da_o @ W_o.T + da_f @ W_f.T + da_i @ W_i.T + da_g @ W_g.T
dh_prev = dq[:, :4]
dx = dq[:, 4:]
