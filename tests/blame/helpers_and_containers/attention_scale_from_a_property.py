# exercise: attention
import numpy as np
from types import SimpleNamespace

class Attention:
    __slots__ = ("Wq", "Wk", "Wv", "ctx")
    def __init__(self, Wq, Wk, Wv):
        self.Wq, self.Wk, self.Wv = Wq, Wk, Wv
        self.ctx = SimpleNamespace()

    @property
    def scale(self):
        return np.sqrt(self.Wq.shape[1])

    def __call__(self, x, memory):
        c = self.ctx
        c.x, c.memory = x, memory
        c.q = np.einsum('id,dh->ih', x, self.Wq)
        c.k = np.einsum('jd,dh->jh', memory, self.Wk)
        c.v = np.einsum('jd,dh->jh', memory, self.Wv)
        s = np.einsum('ih,jh->ij', c.q, c.k) / self.scale
        s -= s.max(-1, keepdims=True)
        np.exp(s, out=s)
        s /= s.sum(-1, keepdims=True)
        c.A = s
        return np.einsum('ij,jh->ih', s, c.v)

    def backward(self, dout):
        c = self.ctx
        g = SimpleNamespace()
        g.dweights = np.einsum('ih,jh->ij', dout, c.v)
        g.dv = np.einsum('ij,ih->jh', c.A, dout)
        g.dscores = c.A * (g.dweights - np.einsum('ij,ij->i', g.dweights, c.A)[:, None])
        g.dq = np.einsum('ij,jh->ih', g.dscores, c.k) * self.scale  #> guilty
        g.dk = np.einsum('ij,ih->jh', g.dscores, c.q) / self.scale
        g.dWq = np.einsum('id,ih->dh', c.x, g.dq)
        g.dWk = np.einsum('jd,jh->dh', c.memory, g.dk)
        g.dWv = np.einsum('jd,jh->dh', c.memory, g.dv)
        g.dx = np.einsum('ih,dh->id', g.dq, self.Wq)
        g.dmemory = np.einsum('jh,dh->jd', g.dk, self.Wk) + np.einsum('jh,dh->jd', g.dv, self.Wv)
        return g

rng = np.random.RandomState(42)
x = rng.randn(4, 6)
memory = rng.randn(5, 7)
Wq = rng.rand(6, 3) - .5
Wk = rng.rand(7, 3) - .5
Wv = rng.randn(7, 2)
dout = rng.randn(4, 2)
layer = Attention(Wq, Wk, Wv)
out = layer(x, memory)
loss = (dout * out).sum()
grads = layer.backward(dout)
