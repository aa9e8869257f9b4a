# exercise: retold-lstm
# h = o * tanh(c) is no output of a tanh.
# After gh:eliben/deep-learning-samples@8e34f1c.

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
dc = (1 - h**2) * dk + dc_next  #> dc wrong, first; unnamed; put k
df = c_prev * dc  #> df carried
di = g * dc  #> di carried
dg = i * dc  #> dg carried
dc_prev = f * dc  #> dc_prev carried
dzo = o * (1 - o) * do
dzf = f * (1 - f) * df  #> dzf carried
dzi = i * (1 - i) * di  #> dzi carried
dzg = (1 - g**2) * dg  #> dzg carried
dWf = np.outer(dzf, x)  #> dWf carried
dWi = np.outer(dzi, x)  #> dWi carried
dWo = np.outer(dzo, x)
dWg = np.outer(dzg, x)  #> dWg carried
dx = Wf.T @ dzf + Wi.T @ dzi + Wo.T @ dzo + Wg.T @ dzg  #> dx carried
