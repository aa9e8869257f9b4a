# exercise: layer-norm
import numpy as np
rng = np.random.default_rng(3)
x = rng.normal(size=(4, 6)); dout = rng.normal(size=(4, 6))
gamma = rng.uniform(0.5, 1.5, 6); beta = rng.uniform(-1, 1, 6)
mean = x.mean(1, keepdims=True); diff = x - mean
var = (diff**2).mean(1, keepdims=True); rstd = (var + 1e-5)**-0.5
xhat = diff * rstd
out = gamma * xhat + beta
loss = (dout * out).sum()
dbeta = dout.sum(0); dgamma = (dout * xhat).sum(0)
dxhat = dout * gamma
def rows():
    for g, d, rs in zip(dxhat, diff, rstd):
        dr = g @ d
        dv = -0.5 * rs[0]**3 * dr
        dd = g * rs[0] + 2 * d * dv / d.size
        yield dr, dv, dd, -dd.sum()
drstd, dvar, ddiff, dmean = (np.array(v) for v in zip(*rows()))
drstd, dvar, dmean = drstd[:, None], dvar[:, None], dmean[:, None]
dx = ddiff + dmean / x.shape[1]
