# exercise: layer-norm
from collections import namedtuple

import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(4, 6))
gamma = rng.uniform(0.5, 1.5, size=6)
beta = rng.uniform(-1, 1, size=6)
dout = rng.normal(size=(4, 6))
mean = x.mean(axis=1, keepdims=True)
diff = x - mean
var = (diff**2).mean(axis=1, keepdims=True)
rstd = (var + 1e-5) ** -0.5
xhat = diff * rstd
out = gamma * xhat + beta
loss = (dout * out).sum()
Back = namedtuple("Back", "dbeta dgamma dxhat drstd dvar ddiff dmean dx")


def derive():
    to_beta = dout.sum(axis=0)
    to_gamma = (dout * xhat).sum(axis=0)
    to_xhat = dout * gamma
    to_rstd = (to_xhat * diff).sum(axis=1, keepdims=True)
    to_var = -0.5 * rstd**2 * to_rstd  #> guilty
    to_diff = rstd * to_xhat + 2 * diff / x.shape[1] * to_var
    to_mean = -to_diff.sum(axis=1, keepdims=True)
    to_x = to_diff + to_mean / x.shape[1]
    return Back(to_beta, to_gamma, to_xhat, to_rstd, to_var, to_diff, to_mean, to_x)


back = derive()
