# exercise: lstm-cell
import numpy as np
rng = np.random.default_rng(2)
x, h_prev, c_prev = rng.normal(size=(3, 5)), rng.uniform(-1, 1, (3, 4)), rng.normal(size=(3, 4))
u_h, u_c = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
for gate in "ifog":
    globals()[f"W_{gate}"] = rng.uniform(-.7, .7, (9, 4))
    globals()[f"b_{gate}"] = rng.uniform(-.7, .7, 4)
sigmoid = lambda a: 1 / (1 + np.exp(-a))
def forward():
    global q, a_i, a_f, a_o, a_g, i, f, o, g, c, s, h
    q = np.hstack([h_prev, x])
    a_i = q @ W_i + b_i; a_f = q @ W_f + b_f; a_o = q @ W_o + b_o; a_g = q @ W_g + b_g
    i, f, o, g = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o), np.tanh(a_g)
    c = f * c_prev + i * g
    s = np.tanh(c)
    h = o * s
def backward():
    global ds, do, dc, df, dc_prev, di, dg, dq, dh_prev, dx
    ds = u_h * o
    do = u_h * s
    dc = ds * (1 - s ** 2) + u_c
    df, dc_prev = dc * c_prev, dc * f
    di, dg = dc * g, dc * i
    dq = 0
    for name, d, gate, W in (("o", do, o, W_o), ("f", df, f, W_f), ("i", di, i, W_i), ("g", dg, g, W_g)):
        slope = 1 - gate ** 2 if name == "g" else gate * (1 - gate)
        da = d * slope
        globals()["da_" + name] = da
        globals()["dW_" + name] = q.T @ da
        globals()["db_" + name] = da.sum(0)
        dq = dq + da @ W.T
    dh_prev, dx = dq[:, :4], dq[:, 4:]
forward()
backward()
