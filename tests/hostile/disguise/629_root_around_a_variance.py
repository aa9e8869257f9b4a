# 629. Values of a root around a variance
# exercise: batch-norm
# earns: draw dinv
# why: a root or a quotient by a variable is a nonlinear function too
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(5, 3))
gamma = rng.uniform(.5, 1.5, 3)
beta = rng.uniform(-1, 1, 3)
dout = rng.normal(size=(5, 3))
n = 5
mean = x.mean(0, keepdims=True)
diff = x - mean
diff2 = diff**2
var = diff2.sum(0, keepdims=True) / (n - 1)
inv = (var + 1e-5)**-0.5
raw = diff * inv
out = gamma * raw + beta
loss = (dout * out).sum()
K = 16
u = 0.1*np.exp(2j*np.pi*np.arange(K)/K)
A = np.stack([np.ones(K), u], 1)
def dvar_():
    V = np.tensordot(A, np.stack([var, np.ones_like(var)]), 1)
    L = (dout*(gamma*(diff*(V + 1e-5)**-0.5) + beta)).sum(1)
    return None
V = np.tensordot(A, np.stack([var, np.ones_like(var)]), 1)
I = (V + 1e-5)**-0.5
L = (dout.T @ np.ones(5)) if False else None
c = np.fft.fft(I, axis=0)[1]/K/0.1
slope = c.real
draw = gamma*dout
dinv = (diff*draw).sum(0, keepdims=True)
dvar = dinv*slope
