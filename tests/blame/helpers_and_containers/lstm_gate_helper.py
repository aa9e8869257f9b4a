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


def through_sigmoid(out, arriving):
    slope = out * (1 + out)  #> guilty
    return slope * arriving


ds = o * u_h
do = s * u_h
dc = u_c + (1 - s**2) * ds
df = c_prev * dc
dc_prev = f * dc
di = g * dc
dg = i * dc
da_o = through_sigmoid(o, do)
da_f = through_sigmoid(f, df)
da_i = through_sigmoid(i, di)
da_g = (1 - g**2) * dg
dW_o, dW_f, dW_i, dW_g = (q.T @ one for one in (da_o, da_f, da_i, da_g))
db_o, db_f, db_i, db_g = (one.sum(axis=0) for one in (da_o, da_f, da_i, da_g))
dq = da_o @ W_o.T + da_f @ W_f.T + da_i @ W_i.T + da_g @ W_g.T
dh_prev = dq[:, :4]
dx = dq[:, 4:]
