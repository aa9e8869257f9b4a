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

W = dict(i=W_i, f=W_f, o=W_o, g=W_g)
B = dict(i=b_i, f=b_f, o=b_o, g=b_g)
q = np.hstack([h_prev, x])
pre = {k: q @ W[k] + B[k] for k in W}
act = {k: np.tanh(v) if k == "g" else 1 / (1 + np.exp(-v)) for k, v in pre.items()}
c = act["f"] * c_prev + act["i"] * act["g"]
s = np.tanh(c)
h = act["o"] * s
L = (u_h * h).sum() + (u_c * c).sum()

ds = act["o"] * u_h
dc = u_c + ds * (1 - s * s)
dc_prev = act["f"] * dc
d = {"o": s * u_h, "f": c_prev * dc, "i": act["g"] * dc, "g": act["i"] * dc}
slope = {k: 1 - a * a if k == "g" else a * (1 - a) for k, a in act.items()}
da = {k: d[k] * slope[k] for k in d}
do, df, di, dg = d["o"], d["f"], d["i"], d["g"]
da_o, da_f, da_i, da_g = (da[k] for k in "ofig")
grads = {}
for k in "ifog":
    grads["dW_" + k] = q.T @ da[k]
    grads["db_%s" % k] = da[k].sum(0)
dq = sum(da[k] @ W[k].T for k in da)
dh_prev, dx = np.split(dq, [4], axis=1)
