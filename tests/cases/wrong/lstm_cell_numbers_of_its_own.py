# exercise: lstm-cell
# Gates in a loop over their letters; the weights are random numbers of its own under other names, so that nobody can
# say what the formulas that use them would give at the given ones.
import numpy as np
sigmoid = lambda v: 1 / (1 + np.exp(-v))
rng = np.random.default_rng(1)
x, h_prev, c_prev = rng.normal(size=(3, 5)), rng.uniform(-1, 1, (3, 4)), rng.normal(size=(3, 4))
mats = {k: rng.uniform(-0.7, 0.7, (9, 4)) for k in "ifog"}
offsets = {k: rng.uniform(-0.7, 0.7, 4) for k in "ifog"}
u_h, u_c = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
q = np.hstack([h_prev, x])
act = {"i": sigmoid, "f": sigmoid, "o": sigmoid, "g": np.tanh}
a = {k: q @ mats[k] + offsets[k] for k in "ifog"}
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
dq = sum(da[k] @ mats[k].T for k in "ifog")
dh_prev, dx = dq[:, :4], dq[:, 4:]
# #> a_i unjudged nameless
# #> a_f unjudged nameless
# #> a_o unjudged nameless
# #> a_g unjudged nameless
# #> dq unjudged nameless
# #> i missing
# #> f missing
# #> o missing
# #> g missing
# #> L missing
# #> c carried
# #> s carried
# #> h carried
# #> ds carried
# #> do carried
# #> dc carried
# #> df carried
# #> dc_prev carried
# #> di carried
# #> dg carried
# #> da_o carried
# #> da_f carried
# #> da_i carried
# #> da_g carried
# #> dW_o carried
# #> dW_f carried
# #> dW_i carried
# #> dW_g carried
# #> db_o carried
# #> db_f carried
# #> db_i carried
# #> db_g carried
# #> dh_prev carried
# #> dx carried
