# exercise: layer-norm
import numpy as np
from typing import NamedTuple
rng = np.random.default_rng(1)
x = rng.normal(size=(4, 6)); gamma = rng.uniform(.5, 1.5, 6); beta = rng.uniform(-1, 1, 6); dout = rng.normal(size=(4, 6))
class G(NamedTuple):
    dgamma: np.ndarray
    dxhat: np.ndarray
    drstd: float
    dvar: float
    ddiff: np.ndarray
    dmean: float
    dx: np.ndarray
def one(r, g):
    mean = r.mean()
    diff = r - mean
    var = (diff ** 2).mean()
    rstd = (var + 1e-5) ** -0.5
    xhat = diff * rstd
    dgamma = g * xhat
    dxhat = g * gamma
    drstd = (dxhat * diff).sum()
    dvar = drstd * -0.5 * rstd ** 3
    ddiff = dxhat * rstd + dvar * 2 * diff / len(r)
    dmean = -ddiff.sum()
    dx = ddiff + dmean / len(r)
    return G(dgamma, dxhat, drstd, dvar, ddiff, dmean, dx)
gs = [one(r, g) for r, g in zip(x, dout)]
dbeta = dout.sum(0)
dgamma = sum(g.dgamma for g in gs)
dxhat, ddiff, dx = (np.stack([getattr(g, k) for g in gs]) for k in ("dxhat", "ddiff", "dx"))
drstd, dvar, dmean = (np.array([getattr(g, k) for g in gs]).reshape(-1, 1) for k in ("drstd", "dvar", "dmean"))
