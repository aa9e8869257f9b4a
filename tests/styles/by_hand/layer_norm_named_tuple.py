# exercise: layer-norm
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(4, 6))
gamma = rng.uniform(0.5, 1.5, size=6)
beta = rng.uniform(-1, 1, size=6)
dout = rng.normal(size=(4, 6))
from typing import NamedTuple


class Cache(NamedTuple):
    diff: np.ndarray
    rstd: np.ndarray
    xhat: np.ndarray


class Grads(NamedTuple):
    dbeta: np.ndarray
    dgamma: np.ndarray
    dxhat: np.ndarray
    drstd: np.ndarray
    dvar: np.ndarray
    ddiff: np.ndarray
    dmean: np.ndarray
    dx: np.ndarray


def forward(x):
    mean = x.mean(1, keepdims=True)
    diff = x - mean
    rstd = 1 / np.sqrt((diff**2).mean(1, keepdims=True) + 1e-5)
    xhat = diff * rstd
    return gamma * xhat + beta, Cache(diff, rstd, xhat)


def backward(dout, c):
    d = dout.shape[1]
    dxhat = dout * gamma
    drstd = (dxhat * c.diff).sum(1, keepdims=True)
    dvar = drstd * -0.5 * c.rstd**3
    ddiff = dxhat * c.rstd + dvar * 2 * c.diff / d
    dmean = -ddiff.sum(1, keepdims=True)
    return Grads(dout.sum(0), (dout * c.xhat).sum(0), dxhat, drstd, dvar, ddiff, dmean, ddiff + dmean / d)


out, cache = forward(x)
loss = (dout * out).sum()
g = backward(dout, cache)
print(g._fields)
