# exercise: gelu-mlp
import numpy as np
rng = np.random.default_rng(4)

x = rng.normal(size=(5, 4)); W1 = rng.normal(size=(4, 6))*.5; b1 = np.zeros(6); W2 = rng.normal(size=(6, 3)); b2 = np.zeros(3); y = rng.normal(size=(5, 3))
class Gelu:
    k, c = (2/np.pi)**.5, .044715
    def __call__(self, a):
        self.a = a
        self.u = self.k*(a+self.c*a**3)
        self.t = np.tanh(self.u)
        return .5*a*(1+self.t)
    def vjp(self, dh):
        self.dt = .5*dh*self.a
        self.du = self.dt*(1-self.t**2)
        return .5*dh*(1+self.t) + self.du*self.k*(1+3*self.c*self.a**2)
act = Gelu()
a = x@W1+b1; h = act(a); out = h@W2+b2; loss = ((out-y)**2).mean()
dout = (out-y)*(2/out.size)
dW2, db2, dh = h.T@dout, dout.sum(0), dout@W2.T
da = act.vjp(dh)
dt, du = act.dt, act.du
dW1, db1, dx = x.T@da, da.sum(0), da@W1.T
