# exercise: lstm-cell
# What arrives from the tanh is subtracted from what arrives from above.

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

ds = o * u_h
do = s * u_h

dc = u_c - (1 - s**2) * ds  #> dc wrong, first; code contribution-subtracted

df = c_prev * dc  #> df carried
dc_prev = f * dc  #> dc_prev carried
di = g * dc  #> di carried
dg = i * dc  #> dg carried

da_o = o * (1 - o) * do
da_f = f * (1 - f) * df  #> da_f carried
da_i = i * (1 - i) * di  #> da_i carried
da_g = (1 - g**2) * dg  #> da_g carried

dW_o = q.T @ da_o
dW_f = q.T @ da_f  #> dW_f carried
dW_i = q.T @ da_i  #> dW_i carried
dW_g = q.T @ da_g  #> dW_g carried
db_o = da_o.sum(axis=0)
db_f = da_f.sum(axis=0)  #> db_f carried
db_i = da_i.sum(axis=0)  #> db_i carried
db_g = da_g.sum(axis=0)  #> db_g carried

dq = da_o @ W_o.T + da_f @ W_f.T + da_i @ W_i.T + da_g @ W_g.T  #> dq carried
dh_prev = dq[:, :4]  #> dh_prev carried
dx = dq[:, 4:]  #> dx carried
