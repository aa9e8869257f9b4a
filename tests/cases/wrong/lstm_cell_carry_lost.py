# exercise: lstm-cell
# What the next step sends to the cell state is left out; one gate is forgotten on the way back; columns exchanged.
# #> first dc

import numpy as np

rng = np.random.default_rng(3)
x = rng.normal(size=(3, 5)); h_prev = rng.uniform(-1, 1, (3, 4)); c_prev = rng.normal(size=(3, 4))
W_i, W_f, W_o, W_g = (rng.uniform(-0.7, 0.7, (9, 4)) for _ in range(4))
b_i, b_f, b_o, b_g = (rng.uniform(-0.7, 0.7, 4) for _ in range(4))
u_h = rng.normal(size=(3, 4)); u_c = rng.normal(size=(3, 4))


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


q = np.hstack((h_prev, x))
a_i, a_f, a_o, a_g = q @ W_i + b_i, q @ W_f + b_f, q @ W_o + b_o, q @ W_g + b_g
i, f, o, g = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o), np.tanh(a_g)
c = f * c_prev + i * g
s = np.tanh(c)
h = o * s
L = (u_h * h).sum() + (u_c * c).sum()

ds = u_h * o
do = u_h * s
dc = ds * (1 - s ** 2)  #> dc wrong
df = dc * c_prev  #> df carried by dc
dc_prev = dc * f  #> dc_prev carried by dc
di = dc * g  #> di carried by dc
dg = dc * i  #> dg carried by dc
da_o = do * o * (1 - o)
da_f = df * f * (1 - f)  #> da_f carried
da_i = di * i * (1 - i)  #> da_i carried
da_g = dg * (1 - g ** 2)  #> da_g carried
dW_o = q.T @ da_o
dW_f = q.T @ da_f  #> dW_f carried
dW_i = q.T @ da_i  #> dW_i carried
dW_g = q.T @ da_g  #> dW_g carried
db_o = da_o.sum(axis=0)
db_f = da_f.sum(axis=0)  #> db_f carried
db_i = da_i.sum(axis=0)  #> db_i carried
db_g = da_g.sum(axis=0)  #> db_g carried
dq = da_f @ W_f.T + da_i @ W_i.T + da_g @ W_g.T  #> dq wrong
dh_prev = dq[:, 5:]  #> dh_prev wrong
dx = dq[:, :5]  #> dx wrong
