# exercise: gru-cell
import numpy as np
from collections import namedtuple
from scipy.special import expit

Params = namedtuple("Params", "W_z W_r W_n U_z U_r U_n b_z b_r b_n")
Cache = namedtuple("Cache", "x h_prev z r m n")
Grads = namedtuple("Grads", "dn dz da_n dm dr da_z da_r dW_n dU_n db_n dW_z dU_z db_z dW_r dU_r db_r dx dh_prev")

rng = np.random.default_rng(7)
x = rng.normal(size=(3, 5))
h_prev = rng.uniform(-1, 1, size=(3, 4))
u = rng.normal(size=(3, 4))
W_z, W_r, W_n = (rng.uniform(-0.8, 0.8, size=(5, 4)) for _ in range(3))
U_z, U_r, U_n = (rng.uniform(-0.8, 0.8, size=(4, 4)) for _ in range(3))
b_z, b_r, b_n = (rng.uniform(-0.5, 0.5, size=4) for _ in range(3))
params = Params(W_z, W_r, W_n, U_z, U_r, U_n, b_z, b_r, b_n)


def gru_forward(p: Params, x, h_prev):
    z = expit(x @ p.W_z + h_prev @ p.U_z + p.b_z)
    r = expit(x @ p.W_r + h_prev @ p.U_r + p.b_r)
    m = r * h_prev
    n = np.tanh(x @ p.W_n + m @ p.U_n + p.b_n)
    h = (1 - z) * n + z * h_prev
    return h, Cache(x, h_prev, z, r, m, n)


def gru_backward(p: Params, cache: Cache, dh) -> Grads:
    x, h_prev, z, r, m, n = cache
    dn = dh * (1 - z)
    dz = dh * (h_prev - n)
    da_n = dn * (1 - n**2)
    dm = da_n @ p.U_n.T
    dr = dm * h_prev
    da_z = dz * z * (1 - z)
    da_r = dr * r * (1 - r)
    return Grads(
        dn=dn,
        dz=dz,
        da_n=da_n,
        dm=dm,
        dr=dr,
        da_z=da_z,
        da_r=da_r,
        dW_n=x.T @ da_n,
        dU_n=m.T @ da_n,
        db_n=da_n.sum(axis=0),
        dW_z=x.T @ da_z,
        dU_z=h_prev.T @ da_z,
        db_z=da_z.sum(axis=0),
        dW_r=x.T @ da_r,
        dU_r=h_prev.T @ da_r,
        db_r=da_r.sum(axis=0),
        dx=da_n @ p.W_n.T + da_z @ p.W_z.T + da_r @ p.W_r.T,
        dh_prev=dh * z + dm * r + da_z @ p.U_z.T + da_r @ p.U_r.T,
    )


h, cache = gru_forward(params, x, h_prev)
L = (u * h).sum()
grads = gru_backward(params, cache, u)
for name, value in grads._asdict().items():
    print(name, value.shape)
