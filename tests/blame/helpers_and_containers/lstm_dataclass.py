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

from dataclasses import dataclass


@dataclass
class Back:
    ds: np.ndarray
    do: np.ndarray
    dc: np.ndarray
    df: np.ndarray
    dc_prev: np.ndarray
    di: np.ndarray
    dg: np.ndarray
    da_o: np.ndarray
    da_f: np.ndarray
    da_i: np.ndarray
    da_g: np.ndarray


shown = o * u_h
gate = s * u_h
belt = u_c + (1 - s**2) * shown
forgotten = c_prev * belt
kept = belt  #> guilty
put_on = g * belt
candidate = i * belt
back = Back(
    ds=shown, do=gate, dc=belt, df=forgotten, dc_prev=kept, di=put_on, dg=candidate,
    da_o=o * (1 - o) * gate, da_f=f * (1 - f) * forgotten, da_i=i * (1 - i) * put_on, da_g=(1 - g**2) * candidate,
)
dW_o = q.T @ back.da_o
dW_f = q.T @ back.da_f
dW_i = q.T @ back.da_i
dW_g = q.T @ back.da_g
db_o = back.da_o.sum(axis=0)
db_f = back.da_f.sum(axis=0)
db_i = back.da_i.sum(axis=0)
db_g = back.da_g.sum(axis=0)
dq = back.da_o @ W_o.T + back.da_f @ W_f.T + back.da_i @ W_i.T + back.da_g @ W_g.T
dh_prev = dq[:, :4]
dx = dq[:, 4:]
