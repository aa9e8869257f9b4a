# 630. Values around several variances in one array
# exercise: batch-norm
# earns: dinv
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
V = np.stack([np.ones(K), u], 1) @ np.stack([var[0], np.ones(3)])
I = 1/np.sqrt(V + 1e-5)
dinv = (diff*(gamma*dout)).sum(0, keepdims=True)
dvar = dinv*(np.fft.fft(I, axis=0)[1]/K/0.1).real
