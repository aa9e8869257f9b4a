# exercise: vae-loss
import numpy as np
from dataclasses import dataclass
@dataclass(frozen=True)
class Grads:
    xhat: np.ndarray
    Wdec: np.ndarray
    b: np.ndarray
    z: np.ndarray
    sigma: np.ndarray
    mu: np.ndarray
    logvar: np.ndarray
    Wmu: np.ndarray
    Wlogvar: np.ndarray
rs = np.random.RandomState(0)
x = rs.randn(5, 4); Wmu = rs.randn(4, 2) * .4; Wlogvar = rs.randn(4, 2) * .3; Wdec = rs.randn(2, 4); b = rs.randn(4) * .2; eps = rs.randn(5, 2)
mu = x @ Wmu; logvar = x @ Wlogvar; sigma = np.exp(logvar / 2); z = mu + sigma * eps; xhat = z @ Wdec + b
recon = ((xhat - x)**2).sum() / 10; kl = (mu**2 + np.exp(logvar) - 1 - logvar).sum() / 10; loss = recon + kl
err = (xhat - x) / 5
back = err @ Wdec.T
g_mu = back + mu / 5
g_lv = back * eps * sigma / 2 + (sigma**2 - 1) / 10
grads = Grads(
    xhat=err,
    Wdec=z.T @ err,
    b=err.sum(axis=0),
    z=back,
    sigma=back * eps,
    mu=g_mu,
    logvar=g_lv,
    Wmu=x.T @ g_mu,
    Wlogvar=x.T
    @ g_lv,
)
