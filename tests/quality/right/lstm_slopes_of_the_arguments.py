# exercise: retold-lstm
# Slopes written with what goes into the gates.
import numpy as np

rng = np.random.default_rng(10)
x = rng.normal(size=3)
c_prev = rng.normal(size=4)
Wf, Wi, Wo, Wg = (rng.normal(size=(4, 3)) for _ in range(4))
dh = rng.normal(size=4)
dc_next = rng.normal(size=4)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


zf = Wf @ x
zi = Wi @ x
zo = Wo @ x
zg = Wg @ x
f = sigmoid(zf)
i = sigmoid(zi)
o = sigmoid(zo)
g = np.tanh(zg)
c = f * c_prev + i * g
k = np.tanh(c)
h = o * k
loss = h @ dh + c @ dc_next

do = k * dh
dk = o * dh
dc = (1 - k**2) * dk + dc_next
df = c_prev * dc
di = g * dc
dg = i * dc
dc_prev = f * dc
dzo = o * (1 - o) * do
dzf = sigmoid(zf) * sigmoid(-zf) * df
dzi = i * (1 - i) * di
dzg = dg / np.cosh(zg) ** 2
dWf = np.outer(dzf, x)
dWi = np.outer(dzi, x)
dWo = np.outer(dzo, x)
dWg = np.outer(dzg, x)
dx = Wf.T @ dzf + Wi.T @ dzi + Wo.T @ dzo + Wg.T @ dzg
