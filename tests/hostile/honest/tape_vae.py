# exercise: vae-loss
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(5, 4))
Wmu = rng.uniform(-0.8, 0.8, size=(4, 2))
Wlogvar = rng.uniform(-0.6, 0.6, size=(4, 2))
Wdec = rng.normal(size=(2, 4))
b = rng.uniform(-0.5, 0.5, size=4)
eps = rng.normal(size=(5, 2))
N = len(x)
mu = x @ Wmu
logvar = x @ Wlogvar
sigma = np.exp(logvar / 2)
z = mu + sigma * eps
xhat = z @ Wdec + b
recon = ((xhat - x) ** 2).sum() / (2 * N)
kl = (mu**2 + np.exp(logvar) - 1 - logvar).sum() / (2 * N)
loss = recon + kl
class Node:
    def __init__(self, v, back=()): self.v, self.back, self.g = v, back, 0.0
def matmul(a, b):
    return Node(a.v @ b.v, ((a, lambda g: g @ b.v.T), (b, lambda g: a.v.T @ g)))
def plus(a, b):
    return Node(a.v + b.v, ((a, lambda g: g), (b, lambda g: g.sum(0) if b.v.ndim == 1 else g)))
def times(a, c):
    return Node(a.v * c, ((a, lambda g: g * c),))
def half_exp(a):
    e = np.exp(a.v / 2)
    return Node(e, ((a, lambda g: g * e / 2),))
X_, M_, V_, D_, B_ = Node(x), Node(Wmu), Node(Wlogvar), Node(Wdec), Node(b)
m_ = matmul(X_, M_)
l_ = matmul(X_, V_)
s_ = half_exp(l_)
z_ = plus(m_, times(s_, eps))
h_ = plus(matmul(z_, D_), B_)
def run(node, g):
    node.g = node.g + g
    for one, f in node.back:
        run(one, f(g))
run(h_, (h_.v - x) / N)
run(m_, m_.v / N)
run(l_, (np.exp(l_.v) - 1) / (2 * N))
dxhat = h_.g
dWdec, db, dz = D_.g, B_.g, z_.g
dsigma = s_.g
dmu, dlogvar = m_.g, l_.g
dWmu, dWlogvar = M_.g, V_.g
