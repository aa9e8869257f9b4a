# exercise: transformer-block
# What goes around the attention is forgotten, and the values are left out where three lines read the norm.
# #> scores missing #> loss missing

import numpy as np

rng = np.random.default_rng(3)
x = rng.normal(size=(4, 6))
Wq, Wk = rng.normal(size=(2, 6, 3)) / 2
Wv = rng.normal(size=(6, 5)) / 2
Wo = rng.normal(size=(5, 6)) / 2
W1 = rng.normal(size=(6, 8)) / 2
W2 = rng.normal(size=(8, 6)) / 2
dout = rng.normal(size=(4, 6))


def norm(x):
    r = 1 / np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-5)
    return x * r, r


def norm_back(dn, x, r):
    dr = np.sum(dn * x, axis=1, keepdims=True)
    dms = -0.5 * r**3 * dr
    return dn * r + 2 * x * dms / x.shape[1]


def softmax(s):
    e = np.exp(s)
    return e / e.sum(axis=1, keepdims=True)


def forward(x, p):
    n1, r1 = norm(x)
    q, k, v = n1 @ p["Wq"], n1 @ p["Wk"], n1 @ p["Wv"]
    weights = softmax(q @ k.T / np.sqrt(3))
    mixed = weights @ v
    h = x + mixed @ p["Wo"]
    n2, r2 = norm(h)
    a = n2 @ p["W1"]
    m = np.maximum(0, a)
    return h + m @ p["W2"], dict(
        x=x, n1=n1, r1=r1, q=q, k=k, v=v, weights=weights, mixed=mixed, h=h, n2=n2, r2=r2, a=a, m=m
    )


def backward(dout, p, c):
    g = {}
    g["W2"] = c["m"].T @ dout
    dm = dout @ p["W2"].T
    da = dm * (c["a"] > 0)
    g["W1"] = c["n2"].T @ da
    dn2 = da @ p["W1"].T
    dh = dout + norm_back(dn2, c["h"], c["r2"])
    g["Wo"] = c["mixed"].T @ dh
    dmixed = dh @ p["Wo"].T
    dweights = dmixed @ c["v"].T
    dv = c["weights"].T @ dmixed
    dscores = c["weights"] * (dweights - np.sum(dweights * c["weights"], axis=1, keepdims=True))
    dq = dscores @ c["k"] / np.sqrt(3)
    dk = dscores.T @ c["q"] / np.sqrt(3)
    g["Wq"], g["Wk"], g["Wv"] = c["n1"].T @ dq, c["n1"].T @ dk, c["n1"].T @ dv
    dn1 = dq @ p["Wq"].T + dk @ p["Wk"].T  #> dn1 wrong, first; code branch-contribution-missing
    g["x"] = norm_back(dn1, c["x"], c["r1"])  #> dx wrong; code shared-weight-contribution-missing
    return g


params = {"Wq": Wq, "Wk": Wk, "Wv": Wv, "Wo": Wo, "W1": W1, "W2": W2}
out, cache = forward(x, params)
grads = backward(dout, params, cache)
