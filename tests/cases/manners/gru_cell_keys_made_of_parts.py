# exercise: gru-cell
import numpy as np
rng = np.random.default_rng(0)
P = {k + "_" + g: rng.uniform(-.7, .7, s) for g in ("z", "r", "n") for k, s in (("W", (5, 4)), ("U", (4, 4)), ("b", (4,)))}
x = rng.normal(size=(3, 5)); h_prev = rng.uniform(-1, 1, (3, 4)); u = rng.normal(size=(3, 4))
σ = lambda a: 1 / (1 + np.exp(-a))
pre = lambda g, hid: x @ P["W_" + g] + hid @ P["U_" + g] + P["b_" + g]
z = σ(pre("z", h_prev)); r = σ(pre("r", h_prev)); m = r * h_prev; n = np.tanh(pre("n", m))
h = n + z * (h_prev - n)
L = (u * h).sum()
d = {}
d["z"], d["n"], d["h_prev"] = u * (h_prev - n), u * (1 - z), u * z
d["a_n"] = d["n"] * (1 - n**2)
d["m"] = d["a_n"] @ P["U_n"].T
d["r"] = d["m"] * h_prev
d["h_prev"] = d["h_prev"] + d["m"] * r
d["a_z"] = d["z"] * z * (1 - z)
d["a_r"] = d["r"] * r * (1 - r)
d["x"] = 0
for g in "zrn":
    d["x"] = d["x"] + d["a_" + g] @ P["W_" + g].T
    if g != "n":
        d["h_prev"] = d["h_prev"] + d["a_" + g] @ P["U_" + g].T
d.update({"W_n": x.T @ d["a_n"], "U_n": m.T @ d["a_n"], "b_n": d["a_n"].sum(0), "U_z": h_prev.T @ d["a_z"], "W_z": x.T @ d["a_z"], "b_z": d["a_z"].sum(0)})
d.update(W_r=x.T @ d["a_r"], U_r=h_prev.T @ d["a_r"], b_r=d["a_r"].sum(0))
