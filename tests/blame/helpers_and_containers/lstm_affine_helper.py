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
    return 1 / (1 + np.exp(-a))


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


def affine_back(inputs, weight, arriving):
    return {
        "W": inputs.T @ arriving,
        "b": arriving.sum(axis=1),  #> guilty
        "q": arriving @ weight.T,
    }


ds = o * u_h
do = s * u_h
dc = u_c + (1 - s**2) * ds
df = c_prev * dc
dc_prev = f * dc
di = g * dc
dg = i * dc
da_o = o * (1 - o) * do
da_f = f * (1 - f) * df
da_i = i * (1 - i) * di
da_g = (1 - g**2) * dg
out_o = affine_back(q, W_o, da_o)
out_f = affine_back(q, W_f, da_f)
out_i = affine_back(q, W_i, da_i)
out_g = affine_back(q, W_g, da_g)
dW_o, dW_f, dW_i, dW_g = out_o["W"], out_f["W"], out_i["W"], out_g["W"]
db_o, db_f, db_i, db_g = out_o["b"], out_f["b"], out_i["b"], out_g["b"]
dq = out_o["q"] + out_f["q"] + out_i["q"] + out_g["q"]
dh_prev = dq[:, :4]
dx = dq[:, 4:]
