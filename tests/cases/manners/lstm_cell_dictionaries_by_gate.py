# exercise: lstm-cell
# Gates in a loop over their letters; weights, biases and what goes into the gates are kept by their letters too.
import numpy as np

sigmoid = lambda v: 1 / (1 + np.exp(-v))
rng = np.random.default_rng(1)
x, h_prev, c_prev = rng.normal(size=(3, 5)), rng.uniform(-1, 1, (3, 4)), rng.normal(size=(3, 4))
W = {k: rng.uniform(-0.7, 0.7, (9, 4)) for k in "ifog"}
b = {k: rng.uniform(-0.7, 0.7, 4) for k in "ifog"}
u_h, u_c = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
q = np.hstack([h_prev, x])
act = {"i": sigmoid, "f": sigmoid, "o": sigmoid, "g": np.tanh}
a = {k: q @ W[k] + b[k] for k in "ifog"}
v = {k: act[k](a[k]) for k in "ifog"}
c = v["f"] * c_prev + v["i"] * v["g"]
s = np.tanh(c)
h = v["o"] * s
dh = u_h
do = dh * s
ds = dh * v["o"]
dc = u_c + ds * (1 - s**2)
df, dc_prev, di, dg = dc * c_prev, dc * v["f"], dc * v["g"], dc * v["i"]
da = {k: d * v[k] * (1 - v[k]) for k, d in (("i", di), ("f", df), ("o", do))}
da["g"] = dg * (1 - v["g"] ** 2)
da_i, da_f, da_o, da_g = (da[k] for k in "ifog")
dW_i, dW_f, dW_o, dW_g = (q.T @ da[k] for k in "ifog")
db_i, db_f, db_o, db_g = (da[k].sum(0) for k in "ifog")
dq = sum(da[k] @ W[k].T for k in "ifog")
dh_prev, dx = dq[:, :4], dq[:, 4:]
